import type { MethodImpl } from "@connectrpc/connect";
import {
  type AccountService,
  DeleteAccountRequestSchema,
} from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { deleteAccount as deleteNow, previewAccountDeletion } from "../domain/delete-account.ts";
import type { IdentityDeps } from "./deps.ts";
import { accountIdOf, parseEtag, toDependents } from "./messages.ts";
import { receiptFor } from "./receipts.ts";

export function deleteAccount(deps: IdentityDeps): MethodImpl<typeof AccountService.method.deleteAccount> {
  return async (request, context) => {
    const call = callOf(context);
    const command = {
      mutation: mutationOf(call, DeleteAccountRequestSchema, request),
      accountId: accountIdOf(call),
      etag: parseEtag(request.etag),
    };
    if (request.validateOnly) {
      const contents = await previewAccountDeletion(deps, command, call.signal);
      return {
        dependents: toDependents([
          { kind: "service_users", count: contents.serviceUsers },
          { kind: "members", count: contents.members },
          { kind: "invitations", count: contents.invitations },
        ]),
      };
    }
    return receiptFor(deps, await deleteNow(deps, command, call.signal));
  };
}
