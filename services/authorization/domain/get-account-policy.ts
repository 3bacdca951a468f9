import type { AccountPolicy } from "./account-policy.ts";
import type { AccountId } from "./ids.ts";
import type { PolicyStore } from "./policy-ports.ts";

/** The account's policy, or the default one. */
export function getAccountPolicy(
  deps: { readonly policies: PolicyStore },
  accountId: AccountId,
  signal: AbortSignal,
): Promise<AccountPolicy> {
  return deps.policies.find(accountId, signal);
}
