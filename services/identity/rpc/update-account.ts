import type { MethodImpl } from "@connectrpc/connect";
import {
  type AccountService,
  UpdateAccountRequestSchema,
} from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import { callOf, mutationOf, parseUpdateMask } from "@portcullis/service";
import { updateAccount as update } from "../domain/update-account.ts";
import type { IdentityDeps } from "./deps.ts";
import { accountIdOf, parseEtag, parseName, toAccount } from "./messages.ts";

export function updateAccount(deps: IdentityDeps): MethodImpl<typeof AccountService.method.updateAccount> {
  return async (request, context) => {
    const call = callOf(context);
    parseUpdateMask(request.updateMask, ["display_name"]);
    const command = {
      mutation: mutationOf(call, UpdateAccountRequestSchema, request),
      accountId: accountIdOf(call),
      displayName: parseName("display_name", request.displayName),
      etag: parseEtag(request.etag),
    };
    return { account: toAccount(await update(deps, command, call.signal)) };
  };
}
