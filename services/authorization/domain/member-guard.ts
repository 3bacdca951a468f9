import { DomainError } from "@portcullis/errors";
import { findRole } from "./built-in-roles.ts";
import type { Level } from "./grantable.ts";
import type { RoleAspect } from "./role.ts";

/** The values of a membership; a flag for Administrator. */
export interface MemberRoles {
  readonly developer: "developer_read_write" | "developer_read_only";
  readonly team: "team_manager" | "team_invite_only" | "team_read_only";
  readonly billing: "billing_access" | "billing_none";
  readonly administrator: boolean;
}

/** As role ids, by aspect. */
export function boundRolesOf(roles: MemberRoles): ReadonlyMap<RoleAspect, string> {
  const { developer, team, billing, administrator } = roles;
  const values: [RoleAspect, string][] = [
    ["developer", developer],
    ["team", team],
    ["billing", billing],
  ];
  return new Map(administrator ? [...values, ["administrator", "administrator"]] : values);
}

/**
 * Why the actor may not change what a member has from one set of role ids to another, or undefined. (The
 * numbers of contracts/ngrok.md §4 are in the test.) To take a value away needs no level.
 */
export function refuseRoleChange(
  level: Level,
  before: ReadonlySet<string>,
  after: ReadonlySet<string>,
): DomainError | undefined {
  if (level.of === "all" || level.administrator) return undefined;
  if (before.has("administrator") || after.has("administrator")) return administratorRequired();
  const given = [...after].filter((roleId) => !before.has(roleId));
  const lacking = given
    .flatMap((roleId) => [...(findRole(roleId)?.permissions ?? [])])
    .find((permissionId) => !level.permissionIds.has(permissionId));
  if (lacking === undefined) return undefined;
  return new DomainError(
    "GRANT_ABOVE_OWN_LEVEL",
    `This would give ${lacking}, which you don't hold yourself. Ask an administrator.`,
    { metadata: { permission_id: lacking } },
  );
}

/** Why nobody may have these values, or undefined. Who invites gives at least Developer read-write (4413). */
export function refuseValues({ developer, team, administrator }: MemberRoles): DomainError | undefined {
  const invites = team !== "team_read_only";
  if (administrator || !invites || developer === "developer_read_write") return undefined;
  return new DomainError(
    "INVITE_NEEDS_DEVELOPER",
    "Who may invite members must have Developer read-write. Give that too, or make Team read-only.",
  );
}

/** Why the actor may not disable, enable or remove a member, or undefined. */
export function refuseLifecycleChange(level: Level, isAdministrator: boolean): DomainError | undefined {
  if (level.of === "all" || level.administrator || !isAdministrator) return undefined;
  return administratorRequired();
}

/** Why the actor may not do what this permission is for, or undefined. */
export function refuseWithout(permission: string, level: Level): DomainError | undefined {
  if (level.of === "all" || level.permissionIds.has(permission)) return undefined;
  const message = `This needs the permission ${permission}.`;
  return new DomainError("PERMISSION_DENIED", message, { metadata: { permission } });
}

export function lastAdministrator(): DomainError {
  return new DomainError(
    "LAST_ADMINISTRATOR",
    "This would leave the account without an active administrator. Make another user administrator first.",
  );
}

function administratorRequired(): DomainError {
  return new DomainError(
    "ADMINISTRATOR_REQUIRED",
    "Only administrators make administrators, and only they change, disable or remove one.",
  );
}
