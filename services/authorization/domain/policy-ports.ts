import type { AccountPolicy } from "./account-policy.ts";
import type { AccountId } from "./ids.ts";

export interface PolicyTx {
  /** The account's, or the default one; others wait with changes of it until the transaction ends. */
  lock(accountId: AccountId): Promise<AccountPolicy>;
  put(policy: AccountPolicy): Promise<void>;
}

export interface PolicyStore {
  /** The account's, or the default one. */
  find(accountId: AccountId, signal: AbortSignal): Promise<AccountPolicy>;
}
