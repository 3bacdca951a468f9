import type { Account } from "./account.ts";
import type { AccountEndTx } from "./account-end-ports.ts";
import type { Applied, Enforced, EnforcedRef } from "./enforced.ts";
import type { AccountId, ServiceUserId, UserId } from "./ids.ts";
import type { Grant } from "./member.ts";
import type { Mutation, Outcome } from "./mutation.ts";
import type { PeopleTx } from "./people-ports.ts";
import type { Dependents, PrincipalRef } from "./principal.ts";
import type { ServiceUser, ServiceUserState } from "./service-user.ts";

/** How a caller names a service user: by id, or by the name without regard to case. */
export type ServiceUserRef = { readonly id: ServiceUserId } | { readonly nameKey: string };

export interface ServiceUserFilter {
  /** In one of these states; empty for any but deleted. */
  readonly states: readonly Exclude<ServiceUserState["is"], "deleted">[];
  /** Without regard to case; empty for any name. */
  readonly namePrefix: string;
  /** Older than the one with this id, whether it is there or not; empty for any. */
  readonly beforeId: string;
  /** One of these; empty for any. */
  readonly ids: readonly string[];
  /** Without regard to case; empty for any name. */
  readonly nameContains: string;
}

export interface Page {
  readonly size: number;
  /** What the page before ended with; empty for the first. */
  readonly token: string;
  /** So many are left out from there on. */
  readonly skip: number;
}

export interface PageOf<T> {
  readonly items: readonly T[];
  /** Empty on the last page. */
  readonly nextToken: string;
}

export interface AccountStore {
  /** Undefined for unknown ones and deleted ones. */
  find(id: AccountId, signal: AbortSignal): Promise<Account | undefined>;
  /** Newest first, without deleted ones. PAGE_TOKEN_INVALID for a token that is not its own. */
  list(page: Page, signal: AbortSignal): Promise<PageOf<Account>>;
  /** Whether the plan of the account has any of it; false for unknown accounts and deleted ones. */
  hasFeature(id: AccountId, feature: string, signal: AbortSignal): Promise<boolean>;
}

export interface ServiceUserStore {
  /** Undefined for unknown ones, those of other accounts, and deleted ones. */
  find(accountId: AccountId, ref: ServiceUserRef, signal: AbortSignal): Promise<ServiceUser | undefined>;
  /** As find, deleted ones too: their rows stay, so that ids are never used again. */
  findEvenDeleted(
    accountId: AccountId,
    id: ServiceUserId,
    signal: AbortSignal,
  ): Promise<ServiceUser | undefined>;
  /** Newest first, without deleted ones. PAGE_TOKEN_INVALID for a token of another list or filter. */
  list(
    accountId: AccountId,
    filter: ServiceUserFilter,
    page: Page,
    signal: AbortSignal,
  ): Promise<PageOf<ServiceUser>>;
  /** How many such a list has on all its pages. */
  count(accountId: AccountId, filter: ServiceUserFilter, signal: AbortSignal): Promise<number>;
}

/** The first account and person. */
export interface Installation {
  readonly accountId: AccountId;
  /** As principal of the account, the person has the same id. */
  readonly userId: UserId;
}

export interface AuditEvent {
  /** Empty for what is of no account. */
  readonly accountId: AccountId | "";
  readonly action: string;
  readonly targetId: string;
  /** Never a secret. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What can be done within one transaction. Everything in it is committed, or nothing. */
export interface Tx extends PeopleTx, AccountEndTx {
  /** The account if it is not deleted, kept from being changed by others until the transaction ends. */
  lockAccount(id: AccountId): Promise<Account | undefined>;
  insertAccount(account: Account): Promise<void>;
  updateAccount(account: Account): Promise<void>;
  /** As ServiceUserStore.find; kept from being changed by others until the transaction ends. */
  lockServiceUser(accountId: AccountId, ref: ServiceUserRef): Promise<ServiceUser | undefined>;
  /** As AccountStore.hasFeature. Lock the account first. */
  hasFeature(accountId: AccountId, feature: string): Promise<boolean>;
  /**
   * How many more service users the account's plan allows, below 0 if there are too many; undefined: without a
   * limit. Lock the account first.
   */
  countFreeServiceUsers(accountId: AccountId): Promise<number | undefined>;
  /** SERVICE_USER_NAME_TAKEN if another one of the account that is not deleted has the name. */
  insertServiceUser(serviceUser: ServiceUser): Promise<void>;
  /** As insertServiceUser. */
  updateServiceUser(serviceUser: ServiceUser): Promise<void>;
  /** The installation's first account and person; whoever asks second waits for the first. */
  lockInstallation(): Promise<Installation | undefined>;
  /** Inserts a person, as super administrator, with an active membership of the account. */
  insertFirstPerson(installation: Installation, email: string, now: Date): Promise<void>;
  /** From the commit on, every enforcer owes a confirmation of this version, and is told until it gives it. */
  requireEnforcement(enforced: Enforced): Promise<void>;
  audit(event: AuditEvent): Promise<void>;
}

export interface UnitOfWork {
  /**
   * Runs `work` in one transaction, once for each request id: a repeat of a request that was committed does
   * not run it, but tells the resource id that it gave. Run again on a serialization conflict, so it has no
   * effect outside `tx`. REQUEST_ID_REUSED when the id came with another request before.
   */
  once<T>(
    mutation: Mutation,
    work: (tx: Tx) => Promise<{ readonly resourceId: string; readonly value: T }>,
    signal: AbortSignal,
  ): Promise<Outcome<T>>;
}

/**
 * A service that enforces the lifecycle of accounts and of principals. It is told of an account once the account is
 * not simply active any more: of one that it was never told of the principals alone decide.
 */
export interface Enforcer {
  readonly name: string;
  /** Resolves with what it enforces from now on, this or a higher version. Rejects if it can't be told. */
  apply(enforced: Enforced, signal: AbortSignal): Promise<Applied>;
  /** What works now and would not, were the principal or account not active. DEPENDENCY_UNAVAILABLE if it can't be asked. */
  preview(ref: EnforcedRef, signal: AbortSignal): Promise<readonly Dependents[]>;
  /**
   * Gives a principal that it knows what a new member is to have. Absent where that is not its business. Harmless
   * when done twice: what was given once and taken away since stays away. Rejects if not all could be given.
   */
  readonly grant?: (ref: PrincipalRef, grants: readonly Grant[], signal: AbortSignal) => Promise<void>;
}

/** A confirmation that an enforcer owes. */
export interface PendingEnforcement {
  readonly enforcer: string;
  readonly of: EnforcedRef;
}

/** What enforcers have not confirmed yet. */
export interface EnforcementOutbox {
  /** The confirmations owed for it, and for a principal's account, by anything committed before the call. */
  pendingOf(ref: EnforcedRef, signal: AbortSignal): Promise<readonly PendingEnforcement[]>;
  /** As committed now, deleted ones too. */
  read(ref: EnforcedRef, signal: AbortSignal): Promise<Enforced | undefined>;
  /** What the principal is still to be given by the enforcer that grants. */
  grantsOwed(ref: PrincipalRef, signal: AbortSignal): Promise<readonly Grant[]>;
  /** They were given. */
  granted(ref: PrincipalRef, grants: readonly Grant[], signal: AbortSignal): Promise<void>;
  /** Takes the debt off for this version and all below; one for a higher version stays. */
  confirm(pending: PendingEnforcement, version: number, signal: AbortSignal): Promise<void>;
  /**
   * Up to `limit` debts that are due, each put off so that no other relay takes it meanwhile; the longer, the
   * more often it was taken. Oldest first.
   */
  takeDue(limit: number, signal: AbortSignal): Promise<readonly PendingEnforcement[]>;
}

/** Makes ids: `acct`, `svc`, `user`. */
export type NewId = (prefix: string) => string;
export type Clock = () => Date;
