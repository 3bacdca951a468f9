import type { NamedGroup } from "./group.ts";
import type { AccountId, PrincipalId } from "./ids.ts";
import type { Page, PageOf } from "./page.ts";

export interface GroupTx {
  /** GROUP_NAME_TAKEN if another of the account has the name. */
  insert(group: NamedGroup): Promise<void>;
  /** As insert, of a locked one. */
  update(group: NamedGroup): Promise<void>;
  /** With its members and all it holds. */
  delete(accountId: AccountId, groupId: string): Promise<void>;
  /** Others wait with changing it, its members and roles until the transaction ends. */
  lock(accountId: AccountId, groupId: string): Promise<NamedGroup | undefined>;
  /** Those of the ids that exist; none of them is deleted until the transaction ends. */
  keep(accountId: AccountId, groupIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Of a locked one: whether anybody is in it, or anything names it. */
  isUsed(accountId: AccountId, groupId: string): Promise<boolean>;
  /** How many were not in it before. */
  addMembers(accountId: AccountId, groupId: string, principalIds: readonly string[]): Promise<number>;
  /** How many were in it before. */
  removeMembers(accountId: AccountId, groupId: string, principalIds: readonly string[]): Promise<number>;
}

export interface GroupStore {
  find(accountId: AccountId, groupId: string, signal: AbortSignal): Promise<NamedGroup | undefined>;
  /** Newest first; those of one principal only if it is given. PAGE_TOKEN_INVALID for another list's token. */
  list(
    accountId: AccountId,
    principalId: PrincipalId | undefined,
    page: Page,
    signal: AbortSignal,
  ): Promise<PageOf<NamedGroup>>;
  /** By id; of Everyone all that are not deleted. PAGE_TOKEN_INVALID for another list's token. */
  listMembers(
    accountId: AccountId,
    groupId: string,
    page: Page,
    signal: AbortSignal,
  ): Promise<PageOf<string>>;
  everyonesRoles(accountId: AccountId, signal: AbortSignal): Promise<readonly string[]>;
}
