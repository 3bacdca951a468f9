import type { AccountId } from "./ids.ts";
import type { AccountStore } from "./ports.ts";

/** Whether the account's plan has the feature. */
export function checkFeature(
  deps: { readonly accounts: AccountStore },
  accountId: AccountId,
  feature: string,
  signal: AbortSignal,
): Promise<boolean> {
  return deps.accounts.hasFeature(accountId, feature, signal);
}
