import { builtInRoles } from "../domain/built-in-roles.ts";

/** An account, written down as facts. */
export interface World {
  /** Undefined: nobody has told of the account. */
  readonly account: "active" | "suspended" | "deleted" | undefined;
  readonly scoped: boolean;
  readonly principals: readonly {
    readonly principalId: string;
    readonly state: string;
    readonly superAdmin: boolean;
  }[];
  /** Principal and role. */
  readonly bound: readonly (readonly [string, string])[];
  /** Principal and permission. */
  readonly direct: readonly (readonly [string, string])[];
  /** Role and permission. */
  readonly rolePermissions: readonly (readonly [string, string])[];
  /** Principal or group, and role. */
  readonly assigned: readonly (readonly [string, string])[];
  /** Group and principal. */
  readonly members: readonly (readonly [string, string])[];
  /** Type and id. */
  readonly objects: readonly (readonly [string, string])[];
  /** Permissions of backends. */
  readonly registered: readonly string[];
  /** Types of backends, and what it takes to modify them. */
  readonly types: readonly (readonly [string, string])[];
  /** Type, id, holder, and whether it may modify. */
  readonly access: readonly (readonly [string, string, string, boolean])[];
}

// The built-in part of the test's catalogue: nothing here is shared with the code under test but the built-in roles.
const builtIn = new Set([
  "ingestion",
  "dashboard_management",
  "credential.credentials.write",
  "identity.members.invite",
  "installation.accounts.read",
]);

/** The rules, one after the other, without a thought for cost. */
export function naiveAnswer(
  world: World,
  principalId: string,
  permission: string | undefined,
  object: { readonly objectType: string; readonly objectId: string; readonly action: string } | undefined,
): boolean {
  if (world.account === "suspended" || world.account === "deleted") return false;
  const principal = world.principals.find((one) => one.principalId === principalId);
  if (principal?.state !== "active") return false;
  if (permission !== undefined && !holds(world, principalId, principal.superAdmin, permission)) return false;
  if (object === undefined) return true;
  const { objectType, objectId, action } = object;
  if (!world.objects.some(([type, id]) => type === objectType && id === objectId)) return false;
  if (action === "modify") {
    const types = new Map([...world.types, ["dashboard", "dashboard_management"]]);
    const needed = types.get(objectType);
    if (needed === undefined || !holds(world, principalId, principal.superAdmin, needed)) return false;
  }
  if (principal.superAdmin) return true;
  const mine = holdersOf(world, principalId);
  return world.access.some(
    ([type, id, holder, canModify]) =>
      type === objectType && id === objectId && mine.includes(holder) && (canModify || action === "view"),
  );
}

function holds(world: World, principalId: string, superAdmin: boolean, permission: string): boolean {
  if (!builtIn.has(permission) && !world.registered.includes(permission)) return false;
  if (superAdmin) return true;
  if (permission.startsWith("installation.")) return false;
  if (principalId.startsWith("svc") && !world.scoped) {
    return has(world, "developer_read_write", permission);
  }
  const roles = [
    ...world.bound.filter(([id]) => id === principalId).map(([, role]) => role),
    ...world.assigned.filter(([id]) => holdersOf(world, principalId).includes(id)).map(([, role]) => role),
  ];
  return (
    world.direct.some(([id, one]) => id === principalId && one === permission) ||
    roles.some((role) => has(world, role, permission))
  );
}

function has(world: World, roleId: string, permission: string): boolean {
  if (roleId === "administrator") return true;
  const role = builtInRoles.find((each) => each.roleId === roleId);
  if (role !== undefined) return [...role.permissions].some((one) => one === permission);
  return world.rolePermissions.some(([id, one]) => id === roleId && one === permission);
}

function holdersOf(world: World, principalId: string): readonly string[] {
  const groups = world.members.filter(([, id]) => id === principalId).map(([group]) => group);
  return [principalId, "grp_everyone", ...groups];
}
