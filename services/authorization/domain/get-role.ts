import { findRole } from "./built-in-roles.ts";
import { presentRole } from "./create-role.ts";
import type { CustomRole } from "./custom-role.ts";
import type { AccountId } from "./ids.ts";
import type { Role } from "./role.ts";
import type { RoleStore } from "./role-ports.ts";

/** A built-in or custom role. ROLE_NOT_FOUND. */
export async function getRole(
  deps: { readonly roles: RoleStore },
  accountId: AccountId,
  roleId: string,
  signal: AbortSignal,
): Promise<Role | CustomRole> {
  return findRole(roleId) ?? presentRole(deps, accountId, roleId, signal);
}
