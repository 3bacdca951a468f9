import type { CatalogTx } from "./catalog-ports.ts";
import type { Effective } from "./effect.ts";
import type { GroupTx } from "./group-ports.ts";
import type { Actor, Mutation, Outcome } from "./mutation.ts";
import type { ObjectTx } from "./object-ports.ts";
import type { PolicyTx } from "./policy-ports.ts";
import type { AccountTx, PrincipalTx } from "./principal-ports.ts";
import type { GrantTx, RoleTx } from "./role-ports.ts";

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

export interface UnitOfWork<T extends PrincipalTx = Tx> {
  /**
   * Runs `work` in one transaction. Run again on a serialization conflict, so it has no effect outside `tx`.
   *
   * Resolves when what it has changed, or found changed, is in force on every replica. ENFORCEMENT_PENDING: it is
   * committed, but not known to be in force.
   */
  run<R>(actor: Actor, work: (tx: T) => Promise<R>, signal: AbortSignal): Promise<Effective<R>>;
  /** Runs `work`, which changes nothing, in one transaction. */
  look<R>(work: (tx: T) => Promise<R>, signal: AbortSignal): Promise<R>;
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
