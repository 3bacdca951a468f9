import type { MethodImpl } from "@connectrpc/connect";
import {
  type RoleBindingService,
  SetMemberRolesRequestSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/role_binding_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { parseAccountId, parsePrincipalRef } from "../domain/ids.ts";
import { type SetMemberRolesDeps, setMemberRoles as set } from "../domain/set-member-roles.ts";
import { parseMemberRoles, toMemberRoles } from "./member-messages.ts";

/** Makes the values of a user's membership those of the request. */
export function setMemberRoles(
  deps: SetMemberRolesDeps,
): MethodImpl<typeof RoleBindingService.method.setMemberRoles> {
  return async (request, context) => {
    const call = callOf(context);
    const ref = parsePrincipalRef(parseAccountId(call.accountId), request.principalId);
    const mutation = mutationOf(call, SetMemberRolesRequestSchema, request);
    const bound = await set(deps, mutation, ref, parseMemberRoles(request.roles), call.signal);
    return { roles: toMemberRoles(bound) };
  };
}
