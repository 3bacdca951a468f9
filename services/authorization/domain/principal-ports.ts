import type { Account } from "./account.ts";
import type { Holdings } from "./holdings.ts";
import type { AccountId, PrincipalId, PrincipalRef } from "./ids.ts";
import type { AuditEvent } from "./mutation.ts";
import type { Page, PageOf } from "./page.ts";
import type { Dependents } from "./preview-principal.ts";
import type { Principal } from "./principal.ts";
import type { RoleAspect } from "./role.ts";
import type { RoleBinding } from "./role-binding.ts";

export interface RoleBindingStore {
  find(ref: PrincipalRef, roleId: string, signal: AbortSignal): Promise<RoleBinding | undefined>;
  /** By principal and role; of one principal only if it is given. PAGE_TOKEN_INVALID for another list's token. */
  list(
    accountId: AccountId,
    principalId: PrincipalId | undefined,
    page: Page,
    signal: AbortSignal,
  ): Promise<PageOf<RoleBinding>>;
}

/** What counts as long as who has it is active; one entry for each kind there is any of. */
export interface DependentsStore {
  ofPrincipal(ref: PrincipalRef, signal: AbortSignal): Promise<readonly Dependents[]>;
  ofAccount(accountId: AccountId, signal: AbortSignal): Promise<readonly Dependents[]>;
}

/** What can be done with principals within one transaction. Everything in it is committed, or nothing. */
export interface PrincipalTx {
  /**
   * The account's state, which stays so until the transaction ends; hold it before anything in it. An account that
   * identity has never told of is active: every account begins so, each principal is told of one by one, and to
   * refuse would shut out the accounts that were there before identity told of any.
   */
  holdAccount(accountId: AccountId): Promise<Account["state"]>;
  /**
   * Adds a principal that was unknown and returns undefined; else returns the known one, unchanged. Either
   * way others wait with changes of it until the transaction ends.
   */
  addOrLockPrincipal(principal: Principal): Promise<Principal | undefined>;
  /** Of a principal that is locked. */
  updatePrincipal(principal: Principal): Promise<void>;
  /** The principal, deleted ones too; others wait with changes of it until the transaction ends. */
  lockPrincipal(ref: PrincipalRef): Promise<Principal | undefined>;
  /**
   * The active principals that hold the administrator role; deleted, inactive and held ones left out. None of them
   * can lose the role or its state until the transaction ends.
   */
  lockActiveAdministrators(accountId: AccountId): Promise<readonly PrincipalId[]>;
  /** As lockActiveAdministrators, of this moment only. */
  activeAdministrators(accountId: AccountId): Promise<readonly PrincipalId[]>;
  /** As lockPrincipal, and the account's administrators with it, in an order that is the same for all. */
  lockWithAdministrators(ref: PrincipalRef): Promise<Principal | undefined>;
  /**
   * Of a locked one: does not count as an active administrator until that version or a higher one is enforced,
   * or the time that is returned has come.
   */
  holdMember(ref: PrincipalRef, version: number): Promise<Date>;
  /** All that decides what the principal may do, as seen by the transaction. Undefined for unknown ones. */
  holdingsOf(ref: PrincipalRef): Promise<Holdings | undefined>;
  findRoleBinding(ref: PrincipalRef, aspect: RoleAspect): Promise<RoleBinding | undefined>;
  /** Takes the place of the principal's binding of the same aspect. */
  putRoleBinding(binding: RoleBinding, aspect: RoleAspect): Promise<void>;
  /** Whether there was one. */
  deleteRoleBinding(ref: PrincipalRef, roleId: string): Promise<boolean>;
  /** The roles of the bindings deleted, in order. */
  deleteRoleBindings(ref: PrincipalRef): Promise<readonly string[]>;
  /** Gives a new user what the account's policy gives new users. What of it is gone by now is left out. */
  giveDefaults(ref: PrincipalRef): Promise<void>;
  /** Takes all from the principal that was given with roles, groups and permissions, bindings excepted. */
  deleteHoldings(ref: PrincipalRef): Promise<void>;
  /** Each change has its event. */
  audit(event: AuditEvent): Promise<void>;
}

export interface AccountTx {
  /**
   * Stores it if its version is above the known one, unless that would bring a deleted one back, after every
   * transaction that holds the account. Tells what is in force then, and whether it is this one's.
   */
  supersede(account: Account): Promise<{ readonly isApplied: boolean; readonly inForce: Account }>;
}
