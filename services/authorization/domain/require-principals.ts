import { DomainError } from "@portcullis/errors";
import type { AccountId } from "./ids.ts";
import type { Tx } from "./ports.ts";
import type { Principal } from "./principal.ts";

/** All of them, which stay until the transaction ends. PRINCIPAL_NOT_FOUND if there is one that does not exist. */
export async function requirePrincipals(
  tx: Tx,
  accountId: AccountId,
  principalIds: readonly string[],
): Promise<readonly Principal[]> {
  const found = await tx.grants.keepPrincipals(accountId, principalIds);
  const known = new Set<string>(found.map(({ principalId }) => principalId));
  const missing = principalIds.find((principalId) => !known.has(principalId));
  if (missing === undefined) return found;
  throw new DomainError(
    "PRINCIPAL_NOT_FOUND",
    "There is no such user or service user in this account. Nothing was changed.",
    { metadata: { principal_id: missing } },
  );
}

/** As requirePrincipals, for those that something can be assigned to: SERVICE_USER_ROLES_FIXED. */
export async function requireAssignees(
  tx: Tx,
  accountId: AccountId,
  principalIds: readonly string[],
): Promise<void> {
  const found = await requirePrincipals(tx, accountId, principalIds);
  if (!found.some(({ kind }) => kind === "service_user")) return;
  const policy = await tx.policies.lock(accountId);
  if (policy.serviceUserPolicy === "scoped") return;
  throw new DomainError(
    "SERVICE_USER_ROLES_FIXED",
    "In this account service users act as Developer read-write and hold nothing else. To give them roles and permissions, make the account's service_user_policy SCOPED.",
  );
}
