import type { MethodImpl } from "@connectrpc/connect";
import {
  DeleteUserRequestSchema,
  type UserService,
} from "@portcullis/contracts/portcullis/identity/v1/user_pb.ts";
import { callOf } from "@portcullis/service";
import { deleteUser as deleteNow } from "../domain/delete-user.ts";
import type { IdentityDeps } from "./deps.ts";
import { selfOf, singleMutationOf } from "./people-calls.ts";
import { receiptFor } from "./receipts.ts";

export function deleteUser(deps: IdentityDeps): MethodImpl<typeof UserService.method.deleteUser> {
  return async (request, context) => {
    const call = callOf(context);
    const mutation = singleMutationOf(call, DeleteUserRequestSchema, request);
    const revocation = await deleteNow(
      deps,
      { mutation, self: selfOf(call), password: request.password },
      call.signal,
    );
    return receiptFor(deps, revocation);
  };
}
