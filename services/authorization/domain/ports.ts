import type { Subject } from "./decide.ts";
import type { AccountId, PrincipalId, PrincipalRef } from "./ids.ts";
import type { Actor, Mutation, Outcome } from "./mutation.ts";
import type { Principal } from "./principal.ts";
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
  /**
   * The principal with its roles, both as committed at one moment that is not before the call. Deleted ones
   * too; undefined for unknown ones.
   */
  find(ref: PrincipalRef, signal: AbortSignal): Promise<Subject | undefined>;
}

export interface RoleBindingStore {
  find(ref: PrincipalRef, roleId: string, signal: AbortSignal): Promise<RoleBinding | undefined>;
  count(ref: PrincipalRef, signal: AbortSignal): Promise<number>;
  /** By principal and role; of one principal only if it is given. PAGE_TOKEN_INVALID for another list's token. */
  list(
    accountId: AccountId,
    principalId: PrincipalId | undefined,
    page: Page,
    signal: AbortSignal,
  ): Promise<PageOf<RoleBinding>>;
}

export interface AuditEvent {
  readonly accountId: AccountId;
  readonly action: string;
  readonly targetId: string;
  /** Never a secret. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What can be done within one transaction. Everything in it is committed, or nothing. */
export interface Tx {
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
   * The active principals that hold the administrator role, deleted and inactive ones left out. None of them
   * can lose the role or its state until the transaction ends.
   */
  lockActiveAdministrators(accountId: AccountId): Promise<readonly PrincipalId[]>;
  findRoleBinding(ref: PrincipalRef, aspect: RoleAspect): Promise<RoleBinding | undefined>;
  /** Takes the place of the principal's binding of the same aspect. */
  putRoleBinding(binding: RoleBinding, aspect: RoleAspect): Promise<void>;
  /** Whether there was one. */
  deleteRoleBinding(ref: PrincipalRef, roleId: string): Promise<boolean>;
  /** The roles of the bindings deleted, in order. */
  deleteRoleBindings(ref: PrincipalRef): Promise<readonly string[]>;
  audit(event: AuditEvent): Promise<void>;
}

export interface UnitOfWork {
  /**
   * Runs `work` in one transaction. Run again on a serialization conflict, so it has no effect outside `tx`.
   */
  run<T>(actor: Actor, work: (tx: Tx) => Promise<T>, signal: AbortSignal): Promise<T>;
  /**
   * As run, once for each request id: a repeat of a request that was committed does not run it, but tells the
   * resource id that it gave. REQUEST_ID_REUSED when the id came with another request before.
   */
  once<T>(
    mutation: Mutation,
    work: (tx: Tx) => Promise<{ readonly resourceId: string; readonly value: T }>,
    signal: AbortSignal,
  ): Promise<Outcome<T>>;
}

export type Clock = () => Date;
