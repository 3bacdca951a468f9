import type { Account } from "./account.ts";
import type { AccountId } from "./ids.ts";

/** What is in an account, counted. */
export interface AccountContents {
  readonly serviceUsers: number;
  readonly members: number;
  /** Open ones. */
  readonly invitations: number;
}

/** What it takes to suspend or end an account within one transaction. */
export interface AccountEndTx {
  /** The account; whoever holds or locks it is waited for, and whoever comes later waits and does not find it. */
  lockWholeAccount(id: AccountId): Promise<Account | undefined>;
  countContents(accountId: AccountId, now: Date): Promise<AccountContents>;
  /** Those that may act now, were the account active. */
  countActive(accountId: AccountId): Promise<Omit<AccountContents, "invitations">>;
  /**
   * Deletes the account, its service users and memberships, and revokes its invitations. What enforcers owe of any
   * of them is forgotten, for what they are told of the account stands above it: that is still to be required. Lock
   * the whole account first.
   */
  endAccount(accountId: AccountId, now: Date): Promise<void>;
}
