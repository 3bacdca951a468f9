import type { MethodImpl } from "@connectrpc/connect";
import {
  type AccountService,
  UpdateAccountRequestSchema,
} from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import { callOf, mutationOf, parseUpdateMask } from "@portcullis/service";
import { updateAccount as update } from "../domain/update-account.ts";
import type { IdentityDeps } from "./deps.ts";
import { accountIdOf, parseEtag, parseName, toAccount } from "./messages.ts";
import { selfOf } from "./people-calls.ts";
import { receiptFor } from "./receipts.ts";

export function updateAccount(deps: IdentityDeps): MethodImpl<typeof AccountService.method.updateAccount> {
  return async (request, context) => {
    const call = callOf(context);
    const mask = parseUpdateMask(request.updateMask, ["display_name", "mfa_required"]);
    const command = {
      mutation: mutationOf(call, UpdateAccountRequestSchema, request),
      accountId: accountIdOf(call),
      displayName: mask.has("display_name") ? parseName("display_name", request.displayName) : undefined,
      mfaRequired: mask.has("mfa_required") ? request.mfaRequired : undefined,
      self: call.unrestricted ? undefined : selfOf(call),
      etag: parseEtag(request.etag),
    };
    const { value, revocation } = await update(deps, command, call.signal);
    return { account: toAccount(value), ...(await receiptFor(deps, revocation)) };
  };
}
