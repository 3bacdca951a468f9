import type { AccountPolicy } from "./account-policy.ts";
import { findRole } from "./built-in-roles.ts";
import { isGrantable, isPermissionId, permissionIds } from "./catalog.ts";
import { developerRoleId } from "./holdings.ts";
import type { Principal } from "./principal.ts";

/** How a principal holds a permission in its own account. Of several ways it is the first of these. */
export type Way = "role" | "service_user_policy" | "direct_permission";

/** What decides how permissions are held, apart from custom roles and direct permissions. */
export interface Membership {
  readonly kind: Principal["kind"];
  readonly serviceUserPolicy: AccountPolicy["serviceUserPolicy"];
  /** The values of the membership. May name roles of a newer release, which count for nothing here. */
  readonly boundRoleIds: readonly string[];
  /** Built-in roles that the principal, or a group that it is in, was assigned. */
  readonly assignedRoleIds: readonly string[];
}

/** What is known of a principal and one permission, apart from built-in roles. */
export interface HeldFacts {
  readonly permissionId: string;
  /** A backend registered it and did not retire it. */
  readonly registered: boolean;
  readonly direct: boolean;
  /** A custom role of the principal, or of a group that it is in, has it. */
  readonly byCustomRole: boolean;
}

/** How somebody holds the permission, undefined if not. Operators' permissions nobody holds so. */
export function wayOf(membership: Membership, held: HeldFacts): Way | undefined {
  const { permissionId } = held;
  if (isPermissionId(permissionId) && !isGrantable(permissionId)) return undefined;
  const { boundRoleIds, assignedRoleIds } = membership;
  if (isDeveloperOnly(membership)) return gives(developerRoleId, held) ? "service_user_policy" : undefined;
  const byRole =
    held.byCustomRole || [...boundRoleIds, ...assignedRoleIds].some((roleId) => gives(roleId, held));
  if (byRole) return "role";
  return held.direct ? "direct_permission" : undefined;
}

/** All that a principal holds, each permission with its way. Does not say which permissions there are. */
export interface Ways {
  readonly byPermission: ReadonlyMap<string, Way>;
  /** Of every permission that backends have registered, whatever is said of it above. */
  readonly ofRegistered: Way | undefined;
}

/** As wayOf, for all permissions at once. */
export function compileWays(
  membership: Membership,
  direct: ReadonlySet<string>,
  byCustomRole: ReadonlySet<string>,
): Ways {
  const byPermission = new Map<string, Way>();
  for (const permissionId of new Set([...permissionIds, ...direct, ...byCustomRole])) {
    const way = wayOf(membership, {
      permissionId,
      // Where it is not, it counts for nothing, which is for who asks to see.
      registered: true,
      direct: direct.has(permissionId),
      byCustomRole: byCustomRole.has(permissionId),
    });
    if (way !== undefined) byPermission.set(permissionId, way);
  }
  const unnamed = { permissionId: "", registered: true, direct: false, byCustomRole: false };
  return { byPermission, ofRegistered: wayOf(membership, unnamed) };
}

/** What compileWays has found for the permission. */
export function wayAmong(ways: Ways, permissionId: string): Way | undefined {
  if (isPermissionId(permissionId)) return ways.byPermission.get(permissionId);
  return ways.ofRegistered ?? ways.byPermission.get(permissionId);
}

/** Acts as Developer read-write and nothing else, whatever it was given. */
function isDeveloperOnly({ kind, serviceUserPolicy }: Membership): boolean {
  return kind === "service_user" && serviceUserPolicy === "developer";
}

/** Of a built-in role. Administrators hold what backends registered as well. */
function gives(roleId: string, { permissionId, registered }: HeldFacts): boolean {
  const role = findRole(roleId);
  if (role === undefined) return false;
  if (isPermissionId(permissionId)) return isGrantable(permissionId) && role.permissions.has(permissionId);
  return roleId === "administrator" && registered;
}
