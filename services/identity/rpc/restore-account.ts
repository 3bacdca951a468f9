import type { MethodImpl } from "@connectrpc/connect";
import {
  type AccountService,
  RestoreAccountRequestSchema,
} from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { restoreAccount as restore } from "../domain/restore-account.ts";
import type { IdentityDeps } from "./deps.ts";
import { accountIdOf, parseEtag, toAccount } from "./messages.ts";

export function restoreAccount(deps: IdentityDeps): MethodImpl<typeof AccountService.method.restoreAccount> {
  return async (request, context) => {
    const call = callOf(context);
    const command = {
      mutation: mutationOf(call, RestoreAccountRequestSchema, request),
      accountId: accountIdOf(call),
      etag: parseEtag(request.etag),
    };
    return { account: toAccount(await restore(deps, command, call.signal)) };
  };
}
