import type { Account } from "./account.ts";
import type { AccountId } from "./ids.ts";

/** What is in an account, counted. */
export interface AccountContents {
  readonly serviceUsers: number;
  readonly members: number;
  /** Open ones. */
  readonly invitations: number;
}

/** What it takes to end an account within one transaction. */
export interface AccountEndTx {
  /** The account; whoever holds or locks it is waited for, and whoever comes later waits and does not find it. */
  lockWholeAccount(id: AccountId): Promise<Account | undefined>;
  countContents(accountId: AccountId, now: Date): Promise<AccountContents>;
  /**
   * Deletes the account, its service users and memberships, with a debt of every enforcer for each of them, and
   * revokes its invitations. Lock the whole account first.
   */
  endAccount(accountId: AccountId, now: Date): Promise<void>;
}
