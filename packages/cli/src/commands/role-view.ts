import { type Role, RoleAspectSchema } from "@portcullis/contracts/portcullis/authorization/v1/role_pb.ts";
import type { RevocationReceipt } from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import type { View } from "../output/view.ts";
import { instant, word } from "../output/words.ts";
import { inForceFields } from "./in-force-view.ts";

/** A role, or nothing where an answer has none; and how it is in force that access was taken away. */
export function roleView(role: Role | undefined, receipt?: RevocationReceipt): View {
  if (role === undefined) return { kind: "fields", fields: [] };
  return {
    kind: "fields",
    fields: [
      ["ID", role.roleId],
      ["Name", role.displayName],
      ["Description", role.description],
      ["Aspect", aspectOf(role)],
      ["Permissions", role.permissionIds.join(", ")],
      ["Created", instant(role.createTime)],
      ["Changed", instant(role.updateTime)],
      ["Etag", role.etag],
      ...inForceFields(receipt),
    ],
  };
}

/** Roles, one a row. */
export function rolesView(roles: readonly Role[]): View {
  return {
    kind: "table",
    columns: [
      { title: "ID" },
      { title: "NAME", cut: true },
      { title: "ASPECT" },
      { title: "PERMISSIONS", cut: true },
    ],
    rows: roles.map((role) => [role.roleId, role.displayName, aspectOf(role), role.permissionIds.join(", ")]),
    empty: "No roles.",
  };
}

/** Custom roles have none. */
function aspectOf({ aspect }: Role): string {
  return aspect === 0 ? "" : word(RoleAspectSchema, aspect);
}
