import type { MethodImpl } from "@connectrpc/connect";
import type { RoleService } from "@portcullis/contracts/portcullis/authorization/v1/role_pb.ts";
import { callOf } from "@portcullis/service";
import { getRole as get } from "../domain/get-role.ts";
import { parseAccountId } from "../domain/ids.ts";
import type { RoleStore } from "../domain/role-ports.ts";
import { toAnyRole } from "./role-messages.ts";

/** Reads a role. */
export function getRole(deps: { readonly roles: RoleStore }): MethodImpl<typeof RoleService.method.getRole> {
  return async (request, context) => {
    const call = callOf(context);
    const accountId = parseAccountId(call.accountId);
    return { role: toAnyRole(await get(deps, accountId, request.roleId, call.signal)) };
  };
}
