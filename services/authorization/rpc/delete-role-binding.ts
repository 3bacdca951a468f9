import type { MethodImpl } from "@connectrpc/connect";
import {
  DeleteRoleBindingRequestSchema,
  type RoleBindingService,
} from "@portcullis/contracts/portcullis/authorization/v1/role_binding_pb.ts";
import { callOf, mutationOf, type ReceiptBook } from "@portcullis/service";
import { type DeleteRoleBindingDeps, deleteRoleBinding as remove } from "../domain/delete-role-binding.ts";
import { parseAccountId, parsePrincipalRef } from "../domain/ids.ts";
import { toReceipt } from "./receipts.ts";

/** Takes a role from a user of the account. */
export function deleteRoleBinding(
  deps: DeleteRoleBindingDeps & { readonly receipts: ReceiptBook },
): MethodImpl<typeof RoleBindingService.method.deleteRoleBinding> {
  return async (request, context) => {
    const call = callOf(context);
    const ref = parsePrincipalRef(parseAccountId(call.accountId), request.principalId);
    const mutation = mutationOf(call, DeleteRoleBindingRequestSchema, request);
    const { effect } = await remove(deps, mutation, ref, request.roleId, call.signal);
    return toReceipt(deps, call, "role_binding.delete", request.principalId, effect);
  };
}
