/** contracts/wavefront.md §1.3: what people read. What is not here is called by its id. */
const labels: Readonly<Record<string, string>> = {
  user_management: "Accounts, Groups & Roles",
  alerts_management: "Alerts",
  application_management: "Applications",
  monitored_application_service_management: "Integrations",
  batch_query_priority: "Batch Query Priority",
  dashboard_management: "Dashboard",
  derived_metrics_management: "Derived Metrics",
  embedded_charts: "Chart Embedding",
  events_management: "Events",
  external_links_management: "External Links",
  host_tag_management: "Source Tags",
  ingestion: "Direct Data Ingestion",
  log_management: "Logs",
  metrics_management: "Metrics",
  agent_management: "Proxies",
  saml_sso_management: "SAML IdP Admin",
  token_management: "API Tokens",
};

export function labelOf(permissionId: string): string {
  return labels[permissionId] ?? permissionId;
}

const sharing = ["authorization.objects.read", "authorization.objects.share"];

/**
 * What a permission of this API means in ours, beside itself: the services ask for their own permissions, and who
 * holds `user_management` here must be able to do what this API says it is for.
 */
const companions: Readonly<Record<string, readonly string[]>> = {
  user_management: [
    "authorization.check",
    "authorization.grants.write",
    "authorization.groups.read",
    "authorization.groups.write",
    "authorization.objects.read",
    "authorization.policy.read",
    "authorization.policy.write",
    "authorization.role_bindings.read",
    "authorization.roles.read",
    "authorization.roles.write",
    "credential.credentials.read",
    "credential.credentials.verify",
    "credential.credentials.write",
    "credential.service_owners.assign",
    // With `objects.read`: what each new member has, and nobody gives what they don't hold.
    "identity.account.read",
    "identity.members.invite",
    "identity.members.manage",
    "identity.members.read",
    "identity.service_users.read",
    "identity.service_users.write",
  ],
  alerts_management: sharing,
  dashboard_management: sharing,
};

const companionsOf = (permissionId: string) => companions[permissionId] ?? [];

/** What is to be given for these: themselves and what goes with them. */
export function toOwnPermissions(permissionIds: readonly string[]): readonly string[] {
  return [...new Set(permissionIds.flatMap((id) => [id, ...companionsOf(id)]))];
}

/** Those that are shown: without what goes with another one of them, where all of that is there. */
export function toShownPermissions(ownIds: readonly string[]): readonly string[] {
  const own = new Set(ownIds);
  const hidden = new Set(
    ownIds.flatMap((id) => (companionsOf(id).every((each) => own.has(each)) ? companionsOf(id) : [])),
  );
  return ownIds.filter((id) => !hidden.has(id)).toSorted();
}

/**
 * What is to be held where this is shown and those are wanted. What was held before keeps what went with it, and
 * gets no more: to write back what was read changes nothing.
 */
export function replacePermissions(ownIds: readonly string[], wanted: readonly string[]): readonly string[] {
  const own = new Set(ownIds);
  const withCompanions = wanted.flatMap((id) =>
    own.has(id) ? [id, ...companionsOf(id).filter((each) => own.has(each))] : toOwnPermissions([id]),
  );
  return [...new Set(withCompanions)];
}

/** What is left without one of them, and what went with it and with no other. */
export function withoutPermission(ownIds: readonly string[], permissionId: string): readonly string[] {
  const shown = toShownPermissions(ownIds).filter((id) => id !== permissionId);
  return replacePermissions(ownIds, shown).filter((id) => id !== permissionId);
}
