/** Every permission there is, with what it allows, for people. */
export const catalog = {
  "authorization.check": "Ask what the account's principals may do.",
  "authorization.role_bindings.read": "See who holds which role.",
  "authorization.role_bindings.write": "Give roles to users and take them away.",
  "authorization.roles.read": "See the roles and the permissions in them.",
  "billing.account.manage": "Change the plan, the payment method and the billing address.",
  "billing.account.read": "See the plan, invoices and payments.",
  "credential.credentials.read": "See authtokens, API keys and SSH keys, without their secrets.",
  "credential.credentials.verify": "Have authtokens, API keys and SSH keys verified.",
  "credential.credentials.write": "Create, change, rotate, revoke and delete one's credentials.",
  "credential.owners.assign": "Create and change credentials that belong to somebody else.",
  "credential.sessions.end": "End the sessions of the account's users.",
  "credential.sessions.read": "See where the account's users are signed in.",
  "identity.account.delete": "Delete the account with everything in it.",
  "identity.account.read": "See the account.",
  "identity.account.update": "Change the account's settings.",
  "identity.members.invite": "Invite people to the account.",
  "identity.members.manage": "Remove, enable and disable members.",
  "identity.members.read": "See the account's members.",
  "identity.service_users.read": "See service users.",
  "identity.service_users.write": "Create, change, activate, deactivate and delete service users.",
  "installation.accounts.create": "Create accounts.",
  "installation.accounts.read": "See every account of the installation.",
  "installation.plans.assign": "Put an account on a plan.",
  "installation.service_users.lock": "Lock and unlock service users.",
  "installation.sessions.end": "Sign anybody out, everywhere.",
  "installation.super_admins.manage": "Make users super administrators, and take that away.",
  "installation.super_admins.read": "See who is a super administrator.",
} as const satisfies Readonly<Record<string, string>>;

/** A permission of the catalogue. */
export type PermissionId = keyof typeof catalog;

/** One that operators alone hold, and no role has. */
type OperatorPermissionId = Extract<PermissionId, `installation.${string}`>;

/** One that a role may have. */
export type GrantablePermissionId = Exclude<PermissionId, OperatorPermissionId>;

/** The catalogue's ids, in order. */
export const permissionIds: readonly PermissionId[] = Object.keys(catalog).filter(isPermissionId).toSorted();

/** Whether the catalogue has it: what it has not, nobody holds. */
export function isPermissionId(text: string): text is PermissionId {
  return Object.hasOwn(catalog, text);
}

/** Whether a role may have it. */
export function isGrantable(permission: PermissionId): permission is GrantablePermissionId {
  return !permission.startsWith("installation.");
}
