import type { MethodImpl } from "@connectrpc/connect";
import {
  type AccountService,
  SuspendAccountRequestSchema,
} from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { previewSuspension, suspendAccount as suspend } from "../domain/suspend-account.ts";
import type { IdentityDeps } from "./deps.ts";
import { accountIdOf, parseEtag, toAccount, toDependents } from "./messages.ts";
import { receiptFor } from "./receipts.ts";

export function suspendAccount(deps: IdentityDeps): MethodImpl<typeof AccountService.method.suspendAccount> {
  return async (request, context) => {
    const call = callOf(context);
    const command = {
      mutation: mutationOf(call, SuspendAccountRequestSchema, request),
      accountId: accountIdOf(call),
      etag: parseEtag(request.etag),
    };
    if (request.validateOnly) {
      const { account, dependents } = await previewSuspension(deps, command, call.signal);
      return { account: toAccount(account), dependents: toDependents(dependents) };
    }
    const { value, revocation } = await suspend(deps, command, call.signal);
    return { account: toAccount(value), ...(await receiptFor(deps, revocation)) };
  };
}
