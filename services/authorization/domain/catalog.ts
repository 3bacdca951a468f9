/** The built-in permissions, with what they allow, for people. Backends register others. */
export const catalog = {
  "authorization.check": "Ask what the account's principals may do.",
  "authorization.grants.write": "Give permissions and roles to users and service users, and take them away.",
  "authorization.groups.read": "See the groups, their members and roles.",
  "authorization.groups.write": "Create, change and delete groups, their members and roles.",
  "authorization.objects.read": "See who objects are open to.",
  "authorization.objects.register": "Make objects known, and have them forgotten.",
  "authorization.objects.rescue": "See objects that nobody reaches, and open them again.",
  "authorization.objects.share": "Open and close the objects that one may modify or created.",
  "authorization.policy.read": "See the account's policy.",
  "authorization.policy.write": "Change the account's policy.",
  "authorization.role_bindings.read": "See who holds which role.",
  "authorization.role_bindings.write": "Give roles to users and take them away.",
  "authorization.roles.read": "See the roles and the permissions in them.",
  "authorization.roles.write": "Create, change and delete roles.",
  "billing.account.manage": "Change the plan, the payment method and the billing address.",
  "billing.account.read": "See the plan, invoices and payments.",
  "credential.credentials.read": "See authtokens, API keys and SSH keys, without their secrets.",
  "credential.credentials.verify": "Have authtokens, API keys and SSH keys verified.",
  "credential.credentials.write": "Create, change, rotate, revoke and delete one's credentials.",
  "credential.owners.assign": "Create and change credentials that belong to somebody else.",
  "credential.service_owners.assign": "Create credentials that belong to service users.",
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
  "installation.accounts.suspend": "Suspend accounts and restore them.",
  "installation.permissions.register": "Register permissions and object types of backends.",
  "installation.plans.assign": "Put an account on a plan.",
  "installation.service_users.lock": "Lock and unlock service users.",
  "installation.sessions.end": "Sign anybody out, everywhere.",
  "installation.super_admins.manage": "Make users super administrators, and take that away.",
  "installation.super_admins.read": "See who is a super administrator.",
  // contracts/wavefront.md §1.3: its ids have no dot, so that they are in the way of no namespace.
  agent_management: "Manage proxies and cloud integrations.",
  alerts_management: "Manage alerts, maintenance windows, alert targets and webhooks.",
  application_management: "Manage applications: thresholds and sampling.",
  batch_query_priority: "Run queries with the priority of batch work.",
  dashboard_management: "Manage dashboards and charts.",
  derived_metrics_management: "Manage derived metrics.",
  embedded_charts: "Embed charts in other pages.",
  events_management: "Manage events and their tags.",
  external_links_management: "Manage external links.",
  host_tag_management: "Manage sources and their tags.",
  ingestion: "Send data directly, without a proxy.",
  log_management: "Use the logs browser.",
  metrics_management: "Hide metrics and manage who sees them; service users need it to run queries.",
  monitored_application_service_management: "Install and uninstall integrations.",
  saml_sso_management: "Configure single sign-on.",
  token_management: "Create one's own API tokens.",
  user_management: "Manage users, service users, groups, roles and permissions.",
} as const satisfies Readonly<Record<string, string>>;

/** A built-in permission. */
export type PermissionId = keyof typeof catalog;

/** One that operators alone hold, and no role has. */
type OperatorPermissionId = Extract<PermissionId, `installation.${string}`>;

/** One that a role may have. */
export type GrantablePermissionId = Exclude<PermissionId, OperatorPermissionId>;

/** The built-in ids, in order. */
export const permissionIds: readonly PermissionId[] = Object.keys(catalog).filter(isPermissionId).toSorted();

/** Whether it is built in. */
export function isPermissionId(text: string): text is PermissionId {
  return Object.hasOwn(catalog, text);
}

/** Whether a role may have it. */
export function isGrantable(permission: PermissionId): permission is GrantablePermissionId {
  return !permission.startsWith("installation.");
}

/** Built-in types of objects, with what one must hold to modify one. (contracts/wavefront.md §1.7) */
export const builtInObjectTypes: ReadonlyMap<string, GrantablePermissionId> = new Map([
  ["alert", "alerts_management"],
  ["dashboard", "dashboard_management"],
]);
