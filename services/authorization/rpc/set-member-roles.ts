import type { MethodImpl } from "@connectrpc/connect";
import {
  type RoleBindingService,
  SetMemberRolesRequestSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/role_binding_pb.ts";
import { callOf, mutationOf, type ReceiptBook } from "@portcullis/service";
import { parseAccountId, parsePrincipalRef } from "../domain/ids.ts";
import { type SetMemberRolesDeps, setMemberRoles as set } from "../domain/set-member-roles.ts";
import { parseMemberRoles, toMemberRoles } from "./member-messages.ts";
import { toReceipt } from "./receipts.ts";

/** Makes the values of a user's membership those of the request. */
export function setMemberRoles(
  deps: SetMemberRolesDeps & { readonly receipts: ReceiptBook },
): MethodImpl<typeof RoleBindingService.method.setMemberRoles> {
  return async (request, context) => {
    const call = callOf(context);
    const ref = parsePrincipalRef(parseAccountId(call.accountId), request.principalId);
    const mutation = mutationOf(call, SetMemberRolesRequestSchema, request);
    const { value, effect } = await set(deps, mutation, ref, parseMemberRoles(request.roles), call.signal);
    const receipt = await toReceipt(deps, call, "member.set_roles", request.principalId, effect);
    return { roles: toMemberRoles(value), ...receipt };
  };
}
