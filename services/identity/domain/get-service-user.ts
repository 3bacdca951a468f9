import { type AccountId, serviceUserNotFound } from "./ids.ts";
import type { ServiceUserRef, ServiceUserStore } from "./ports.ts";
import type { ServiceUser } from "./service-user.ts";

/** SERVICE_USER_NOT_FOUND for unknown and deleted ones, and those of other accounts. */
export async function getServiceUser(
  deps: { readonly serviceUsers: ServiceUserStore },
  accountId: AccountId,
  ref: ServiceUserRef,
  signal: AbortSignal,
): Promise<ServiceUser> {
  const found = await deps.serviceUsers.find(accountId, ref, signal);
  if (found === undefined) throw serviceUserNotFound();
  return found;
}
