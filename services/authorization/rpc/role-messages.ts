import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { RoleSchema } from "@portcullis/contracts/portcullis/authorization/v1/role_pb.ts";
import type { CustomRole } from "../domain/custom-role.ts";
import { etagOf } from "../domain/etag.ts";
import type { Role } from "../domain/role.ts";
import { toRole } from "./messages.ts";

export function toCustomRole(role: CustomRole): MessageInitShape<typeof RoleSchema> {
  const { roleId, displayName, description, permissionIds, createdAt, updatedAt } = role;
  return {
    roleId,
    displayName,
    description,
    permissionIds: [...permissionIds],
    createTime: timestampFromDate(createdAt),
    updateTime: timestampFromDate(updatedAt),
    etag: etagOf(role),
  };
}

export function toAnyRole(role: Role | CustomRole): MessageInitShape<typeof RoleSchema> {
  return "aspect" in role ? toRole(role) : toCustomRole(role);
}
