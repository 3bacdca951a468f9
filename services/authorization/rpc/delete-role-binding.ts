import type { MethodImpl } from "@connectrpc/connect";
import {
  DeleteRoleBindingRequestSchema,
  type RoleBindingService,
} from "@portcullis/contracts/portcullis/authorization/v1/role_binding_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { type DeleteRoleBindingDeps, deleteRoleBinding as remove } from "../domain/delete-role-binding.ts";
import { parseAccountId, parsePrincipalRef } from "../domain/ids.ts";

/** Takes a role from a user of the account. */
export function deleteRoleBinding(
  deps: DeleteRoleBindingDeps,
): MethodImpl<typeof RoleBindingService.method.deleteRoleBinding> {
  return async (request, context) => {
    const call = callOf(context);
    const ref = parsePrincipalRef(parseAccountId(call.accountId), request.principalId);
    const mutation = mutationOf(call, DeleteRoleBindingRequestSchema, request);
    await remove(deps, mutation, ref, request.roleId, call.signal);
    return {};
  };
}
