import type { Account } from "./account.ts";
import type { Effective } from "./effect.ts";
import type { AccountStore } from "./ports.ts";

/**
 * Enforces what identity has decided of an account, from the moment this has returned; what a deleted one has is
 * deleted afterwards, and counts for nothing meanwhile. Idempotent and in any order. Tells what is in force: this
 * one's, or the one known that is not below it, or the deletion, which is final.
 */
export function applyAccount(
  deps: { readonly accounts: AccountStore },
  account: Account,
  signal: AbortSignal,
): Promise<Effective<Account>> {
  return deps.accounts.supersede(account, signal);
}
