import { builtInRoles } from "./built-in-roles.ts";
import type { Role } from "./role.ts";

/** The roles that can be bound in an account: so far the same in all. */
export function listRoles(): readonly Role[] {
  return builtInRoles;
}
