import { DomainError } from "@portcullis/errors";
import { type AclRule, isUnrestricted } from "./acl.ts";
import type { AccountId } from "./ids.ts";
import type { PlanFeatures } from "./ports.ts";

/**
 * Undefined if the account's plan has what the rules need, else the error PLAN_FEATURE_MISSING: to be thrown within
 * the unit of work, so that a repeat of a request that was carried out is answered. DEPENDENCY_UNAVAILABLE if that
 * can't be known (contracts/ngrok.md §3, 620 and 622).
 */
export async function aclFailure(
  plans: PlanFeatures,
  accountId: AccountId,
  rules: readonly AclRule[],
  signal: AbortSignal,
): Promise<DomainError | undefined> {
  if (isUnrestricted(rules) || (await plans.allowsAcls(accountId, signal))) return undefined;
  return new DomainError(
    "PLAN_FEATURE_MISSING",
    "The account's plan has no ACLs. Leave the rules out, or change the plan.",
    { metadata: { feature: "acls" } },
  );
}
