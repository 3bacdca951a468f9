import { requireEtag } from "./etag.ts";
import { type AccountId, serviceUserNotFound } from "./ids.ts";
import type { Enforcer, ServiceUserRef, ServiceUserStore } from "./ports.ts";
import type { Dependents } from "./principal.ts";
import { type ServiceUser, type Transition, withState } from "./service-user.ts";

/**
 * What a verb that takes access away would make of a service user, and what works now and would not. Changes
 * nothing. SERVICE_USER_NOT_FOUND, ETAG_MISMATCH, DEPENDENCY_UNAVAILABLE.
 */
export async function previewServiceUser(
  deps: { readonly serviceUsers: ServiceUserStore; readonly enforcers: readonly Enforcer[] },
  query: { readonly accountId: AccountId; readonly ref: ServiceUserRef; readonly etag: string | undefined },
  transition: Transition,
  signal: AbortSignal,
): Promise<{ readonly serviceUser: ServiceUser; readonly dependents: readonly Dependents[] }> {
  const found = await deps.serviceUsers.find(query.accountId, query.ref, signal);
  if (found === undefined) throw serviceUserNotFound();
  requireEtag(found, query.etag);
  const ref = { accountId: found.accountId, principalId: found.id };
  const previews = await Promise.all(deps.enforcers.map((enforcer) => enforcer.preview(ref, signal)));
  return { serviceUser: withState(found, transition(found.state)), dependents: previews.flat() };
}
