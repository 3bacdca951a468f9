import type { Account } from "./account.ts";
import type { AccountPolicy } from "./account-policy.ts";
import type { CustomRole } from "./custom-role.ts";
import type { FactsOrUnknown, FactsQuestion, Question } from "./decide.ts";
import type { NamedGroup } from "./group.ts";
import type { Holdings } from "./holdings.ts";
import type { AccountId, PrincipalId, PrincipalRef } from "./ids.ts";
import type { Actor, Mutation, Outcome } from "./mutation.ts";
import type {
  AccessEntry,
  LockedObject,
  NewObject,
  ObjectAccess,
  ObjectAction,
  ObjectKey,
  ObjectSet,
} from "./object-access.ts";
import type { Dependents } from "./preview-principal.ts";
import type { Principal } from "./principal.ts";
import type { RegisteredPermission, RegisteredVersion, Registration } from "./register-permissions.ts";
import type { RoleAspect } from "./role.ts";
import type { RoleBinding } from "./role-binding.ts";

export interface Page {
  readonly size: number;
  /** What the page before ended with; empty for the first. */
  readonly token: string;
}

export interface PageOf<T> {
  readonly items: readonly T[];
  /** Empty on the last page. */
  readonly nextToken: string;
}

export interface SubjectStore {
  /** All that decides what the principal may do, as committed at one moment that is not before the call. */
  find(ref: PrincipalRef, signal: AbortSignal): Promise<Holdings | undefined>;
  /**
   * What decides the questions, in their order, all as committed at one moment that is not before the call.
   * Takes as long for a small account as for a large one.
   */
  facts(questions: readonly FactsQuestion[], signal: AbortSignal): Promise<readonly FactsOrUnknown[]>;
  /** Both of them, of one moment. */
  explain(
    question: FactsQuestion,
    signal: AbortSignal,
  ): Promise<{
    readonly facts: FactsOrUnknown;
    readonly holdings: Holdings | undefined;
    readonly holderIds: readonly string[];
  }>;
}

export interface AccessStore {
  /**
   * The next ids, in order, of objects that are open to the principal, or of all objects, and the facts of
   * what the action needs beside; both of one moment.
   */
  objectsOf(
    subject: PrincipalRef,
    objectType: string,
    action: ObjectAction,
    after: string,
    limit: number,
    signal: AbortSignal,
  ): Promise<ObjectPage>;
  /**
   * The next principals, in order, that may come into question, each with what decides its question; all of one
   * moment. Nobody else is allowed. PAGE_TOKEN_INVALID for another question's token.
   */
  candidates(
    accountId: AccountId,
    question: Question,
    page: Page,
    signal: AbortSignal,
  ): Promise<CandidatePage>;
}

/** Facts without an object: what is held of permissions. */
export interface ObjectPage {
  readonly facts: FactsOrUnknown;
  /** Of those open to the subject for the action; for a super administrator, of all. */
  readonly objectIds: readonly string[];
}

export interface CandidatePage {
  readonly candidates: readonly { readonly principalId: string; readonly facts: FactsOrUnknown }[];
  /** Continues after the candidate with this index. */
  tokenAfter(index: number): string;
  readonly isLast: boolean;
  readonly revision: number;
}

/** Knows whose tokens are. */
export interface TokenProver {
  /**
   * Whose the token is, if it is good at this moment and for this address (empty: unknown); undefined if not.
   * Rejects with DEPENDENCY_UNAVAILABLE if that can't be known.
   */
  prove(token: string, sourceIp: string, signal: AbortSignal): Promise<PrincipalRef | undefined>;
}

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

export interface AuditEvent {
  readonly accountId: AccountId;
  readonly action: string;
  readonly targetId: string;
  /** Never a secret. */
  readonly detail: Readonly<Record<string, unknown>>;
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
  /** Each change has its event; the account's revision goes up with it. */
  audit(event: AuditEvent): Promise<void>;
}

/** What can be done within one transaction. */
export interface Tx extends PrincipalTx {
  readonly accounts: AccountTx;
  readonly catalog: CatalogTx;
  readonly roles: RoleTx;
  readonly groups: GroupTx;
  readonly grants: GrantTx;
  readonly policies: PolicyTx;
  readonly objects: ObjectTx;
}

export interface AccountTx {
  /**
   * Stores it if its version is above the known one, unless that would bring a deleted one back, after every
   * transaction that holds the account. Tells what is in force then, and whether it is this one's.
   */
  supersede(account: Account): Promise<{ readonly isApplied: boolean; readonly inForce: Account }>;
}

export interface CatalogTx {
  /** Others wait with the namespace until the transaction ends. Undefined: it was new, and is there now. */
  addOrLockNamespace(registration: Registration): Promise<RegisteredVersion | undefined>;
  /** Makes the content of a locked namespace that of the registration; what is not in it is retired. */
  replaceContent(registration: Registration): Promise<void>;
  /** Those of the ids that are registered and not retired. */
  registered(permissionIds: readonly string[]): Promise<ReadonlySet<string>>;
}

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

export interface PolicyTx {
  /** The account's, or the default one; others wait with changes of it until the transaction ends. */
  lock(accountId: AccountId): Promise<AccountPolicy>;
  put(policy: AccountPolicy): Promise<void>;
}

export interface ObjectTx {
  /** Whether it is built in, or registered and not retired. */
  isTypeKnown(objectType: string): Promise<boolean>;
  /** Adds those that are unknown, open to whom their entries say, and returns how many there were. */
  add(accountId: AccountId, objectType: string, objects: readonly NewObject[], at: Date): Promise<number>;
  /** With their entries; how many there were. */
  remove(accountId: AccountId, objectType: string, objectIds: readonly string[]): Promise<number>;
  /** Those that exist; others wait with changing them until the transaction ends. */
  lock(
    accountId: AccountId,
    objectType: string,
    objectIds: readonly string[],
  ): Promise<readonly LockedObject[]>;
  /** Of locked ones. What is open to modify stays so. Whether anything changed. */
  share(objects: ObjectSet, holderIds: readonly string[], action: ObjectAction): Promise<boolean>;
  /** Of locked ones. Whether anything changed. */
  unshare(objects: ObjectSet, holderIds: readonly string[], action: ObjectAction): Promise<boolean>;
  /** Of a locked one. */
  replace(object: ObjectKey, entries: readonly AccessEntry[]): Promise<void>;
  /** As SubjectStore.facts, as seen by the transaction. */
  facts(questions: readonly FactsQuestion[]): Promise<readonly FactsOrUnknown[]>;
}

export interface ObjectStore {
  find(object: ObjectKey, signal: AbortSignal): Promise<ObjectAccess | undefined>;
  /** By type and id, of one type if it is given. PAGE_TOKEN_INVALID for another list's token. */
  listOrphans(
    accountId: AccountId,
    objectType: string,
    page: Page,
    signal: AbortSignal,
  ): Promise<PageOf<ObjectKey>>;
}

export interface CatalogStore {
  /** By id, retired ones too. */
  registeredPermissions(signal: AbortSignal): Promise<readonly RegisteredPermission[]>;
}

export interface RoleStore {
  find(accountId: AccountId, roleId: string, signal: AbortSignal): Promise<CustomRole | undefined>;
  /** Newest first. PAGE_TOKEN_INVALID for another list's token. */
  list(accountId: AccountId, page: Page, signal: AbortSignal): Promise<PageOf<CustomRole>>;
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

export interface PolicyStore {
  /** The account's, or the default one. */
  find(accountId: AccountId, signal: AbortSignal): Promise<AccountPolicy>;
}

export interface UnitOfWork<T extends PrincipalTx = Tx> {
  /**
   * Runs `work` in one transaction. Run again on a serialization conflict, so it has no effect outside `tx`.
   */
  run<R>(actor: Actor, work: (tx: T) => Promise<R>, signal: AbortSignal): Promise<R>;
  /**
   * As run, once for each request id: a repeat of a request that was committed does not run it, but tells the
   * resource id that it gave. REQUEST_ID_REUSED when the id came with another request before; ACCOUNT_NOT_FOUND in
   * a deleted account, to which nothing is added from its deletion on.
   */
  once<R>(
    mutation: Mutation,
    work: (tx: T) => Promise<{ readonly resourceId: string; readonly value: R }>,
    signal: AbortSignal,
  ): Promise<Outcome<R>>;
}

export type Clock = () => Date;

/** Makes an id that was never used: the prefix, an underscore, and letters and digits that sort by time. */
export type NewId = (prefix: string) => string;
