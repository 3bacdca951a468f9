import type { Account } from "./account.ts";
import { type AccountId, accountNotFound } from "./ids.ts";
import type { AccountStore } from "./ports.ts";

/** ACCOUNT_NOT_FOUND for an unknown one. */
export async function getAccount(
  deps: { readonly accounts: AccountStore },
  id: AccountId,
  signal: AbortSignal,
): Promise<Account> {
  const found = await deps.accounts.find(id, signal);
  if (found === undefined) throw accountNotFound();
  return found;
}
