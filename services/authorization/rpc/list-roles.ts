import type { MethodImpl } from "@connectrpc/connect";
import type { RoleService } from "@portcullis/contracts/portcullis/authorization/v1/role_pb.ts";
import { listRoles as list } from "../domain/list-roles.ts";
import { toRole } from "./messages.ts";

/** Lists the roles that can be bound. */
export function listRoles(): MethodImpl<typeof RoleService.method.listRoles> {
  return () => ({ roles: list().map(toRole) });
}
