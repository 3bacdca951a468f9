import type { MethodImpl } from "@connectrpc/connect";
import {
  CreateRoleBindingRequestSchema,
  type RoleBindingService,
} from "@portcullis/contracts/portcullis/authorization/v1/role_binding_pb.ts";
import { callOf, mutationOf, type ReceiptBook } from "@portcullis/service";
import { type CreateRoleBindingDeps, createRoleBinding as create } from "../domain/create-role-binding.ts";
import { parseAccountId, parsePrincipalRef } from "../domain/ids.ts";
import { toRoleBinding } from "./messages.ts";
import { toReceipt, toRevision } from "./receipts.ts";

/** Gives a role to a user of the account. */
export function createRoleBinding(
  deps: CreateRoleBindingDeps & { readonly receipts: ReceiptBook },
): MethodImpl<typeof RoleBindingService.method.createRoleBinding> {
  return async (request, context) => {
    const call = callOf(context);
    const ref = parsePrincipalRef(parseAccountId(call.accountId), request.principalId);
    const mutation = mutationOf(call, CreateRoleBindingRequestSchema, request);
    const { value, effect } = await create(deps, mutation, ref, request.roleId, call.signal);
    const { binding, mayHaveTaken } = value;
    const answer = mayHaveTaken
      ? await toReceipt(deps, call, "role_binding.create", binding.principalId, effect)
      : toRevision(effect);
    return { roleBinding: toRoleBinding(binding), ...answer };
  };
}
