import { type GrantablePermissionId, isGrantable, permissionIds } from "./catalog.ts";
import type { Role, RoleAspect } from "./role.ts";

const developerReadOnly = [
  "identity.account.read",
  "identity.service_users.read",
  "credential.credentials.read",
  "credential.credentials.verify",
  "authorization.roles.read",
  "authorization.role_bindings.read",
  "authorization.groups.read",
  "authorization.objects.read",
  "authorization.policy.read",
  "authorization.check",
] as const satisfies readonly GrantablePermissionId[];

const teamReadOnly = [
  "identity.account.read",
  "identity.members.read",
  "authorization.roles.read",
  "authorization.groups.read",
] as const satisfies readonly GrantablePermissionId[];

const teamInviteOnly = [
  ...teamReadOnly,
  "identity.members.invite",
] as const satisfies readonly GrantablePermissionId[];

/** contracts/ngrok.md §4: three values and a flag. In the order in which they are shown. */
export const builtInRoles = [
  role("administrator", "Administrator", "administrator", permissionIds.filter(isGrantable)),
  role("developer_read_write", "Developer: read-write", "developer", [
    ...developerReadOnly,
    "credential.credentials.write",
    "authorization.objects.share",
  ]),
  // Still verifies and checks: read-only may run agents (§4).
  role("developer_read_only", "Developer: read-only", "developer", developerReadOnly),
  role("team_manager", "Team: manager", "team", [
    ...teamInviteOnly,
    "identity.members.manage",
    "authorization.role_bindings.read",
  ]),
  role("team_invite_only", "Team: invite-only", "team", teamInviteOnly),
  role("team_read_only", "Team: read-only", "team", teamReadOnly),
  role("billing_access", "Billing: access", "billing", ["billing.account.read", "billing.account.manage"]),
  role("billing_none", "Billing: none", "billing", []),
] as const;

/** A built-in role's name. */
export type RoleId = (typeof builtInRoles)[number]["roleId"];

const byId: ReadonlyMap<string, Role<RoleId>> = new Map(builtInRoles.map((each) => [each.roleId, each]));

/** Undefined for a role that does not exist. */
export function findRole(roleId: string): Role<RoleId> | undefined {
  return byId.get(roleId);
}

function role<const Id extends string>(
  roleId: Id,
  displayName: string,
  aspect: RoleAspect,
  permissions: readonly GrantablePermissionId[],
): Role<Id> {
  return { roleId, displayName, aspect, permissions: new Set(permissions) };
}
