import type { CustomRole } from "./custom-role.ts";
import type { AccountId } from "./ids.ts";
import type { Page, PageOf } from "./page.ts";
import type { Principal } from "./principal.ts";

export interface RoleTx {
  /** ROLE_NAME_TAKEN if another of the account has the name. */
  insert(role: CustomRole): Promise<void>;
  /** As insert, of a locked one. */
  update(role: CustomRole): Promise<void>;
  /** With all that hold it. */
  delete(accountId: AccountId, roleId: string): Promise<void>;
  /** Others wait with giving or changing it until the transaction ends. */
  lock(accountId: AccountId, roleId: string): Promise<CustomRole | undefined>;
  /** Those that exist; none of them is deleted until the transaction ends. */
  keep(accountId: AccountId, roleIds: readonly string[]): Promise<readonly CustomRole[]>;
  /** Of a locked one: whether a principal or group holds it. */
  isHeld(accountId: AccountId, roleId: string): Promise<boolean>;
}

export interface GrantTx {
  /** Those that exist and are not deleted, which they can't be until the transaction ends. */
  keepPrincipals(accountId: AccountId, principalIds: readonly string[]): Promise<readonly Principal[]>;
  /** How many pairs were not there before. */
  grant(
    accountId: AccountId,
    principalIds: readonly string[],
    permissionIds: readonly string[],
  ): Promise<number>;
  /** How many pairs were there before. */
  revoke(
    accountId: AccountId,
    principalIds: readonly string[],
    permissionIds: readonly string[],
  ): Promise<number>;
  /** The holders are principals or groups. How many pairs were not there before. */
  assign(accountId: AccountId, holderIds: readonly string[], roleIds: readonly string[]): Promise<number>;
  /** How many pairs were there before. */
  unassign(accountId: AccountId, holderIds: readonly string[], roleIds: readonly string[]): Promise<number>;
  /** The roles that principals or groups were assigned, by id, each once. */
  rolesOf(accountId: AccountId, holderIds: readonly string[]): Promise<readonly string[]>;
}

/** Who was assigned a role, or has it as a value of a membership. */
export interface RoleHolders {
  readonly roleId: string;
  readonly principalCount: number;
  readonly groupCount: number;
  /** The first of them, by id. */
  readonly principalIds: readonly string[];
  /** The first of them, by id. */
  readonly groupIds: readonly string[];
}

export interface RoleStore {
  /** One for each id, in their order; of principals and groups `namesMax` are named. */
  holdersOf(
    accountId: AccountId,
    roleIds: readonly string[],
    namesMax: number,
    signal: AbortSignal,
  ): Promise<readonly RoleHolders[]>;
  find(accountId: AccountId, roleId: string, signal: AbortSignal): Promise<CustomRole | undefined>;
  /** Newest first. PAGE_TOKEN_INVALID for another list's token. */
  list(accountId: AccountId, page: Page, signal: AbortSignal): Promise<PageOf<CustomRole>>;
}
