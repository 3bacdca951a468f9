import type { Account } from "./account.ts";
import type { Credential, CredentialKind, Locator } from "./credential.ts";
import type { Effective } from "./effect.ts";
import type { HeldCredential } from "./held-credential.ts";
import type { AccountId, CredentialId, PrincipalId } from "./ids.ts";
import type { Actor, Mutation, Outcome } from "./mutation.ts";
import type { Dependents, InForce, Principal, PrincipalRef } from "./principal.ts";
import type { Session } from "./session.ts";

export interface CredentialFilter {
  /** Undefined for any. */
  readonly ownerId: PrincipalId | undefined;
  /** One of these; empty for any. */
  readonly kinds: readonly CredentialKind[];
  /** Older than this one, whether it is there or not; absent for any. */
  readonly beforeId?: CredentialId;
}

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

/** What an answer rests on. */
export interface Basis {
  /** Which log `revision` counts in. */
  readonly generation: string;
  /** All changes up to this position of the log are in it, and every one that had returned before the question. */
  readonly revision: number;
  /** How far it may be behind that, in milliseconds: 0, unless availability was chosen over it and Postgres is away. */
  readonly staleMsMax: number;
}

/** What there is to a locator. */
export interface Finding {
  /** Undefined: nothing. */
  readonly held: HeldCredential | undefined;
  readonly basis: Basis;
  /** What a memory of it would depend on; made when it is asked for. */
  readonly scopes: readonly string[];
  /** Absent unless it is remembered. */
  readonly derived?: Derived | undefined;
}

/** Room for what follows from a remembered credential alone; forgotten with it. */
export interface Derived {
  /** What it is answered with while it is good, ready to be sent. */
  answer: string | undefined;
}

/** What is told of a use by who has verified it. */
export interface UseOrigin {
  /** Empty if unknown. */
  readonly sourceIp: string;
  /** What has shown the credential, as it calls itself; absent or empty if unknown. */
  readonly userAgent?: string;
}

/** Notes when credentials were last used. A note costs nothing to speak of, and may be lost in a crash. */
export interface LastUses {
  note(held: Pick<HeldCredential, "accountId" | "id" | "kind">, origin: UseOrigin, now: Date): void;
}

/** Memory at one moment. For lookups in the turn in which it was asked for. */
export interface Recollection {
  /** What was there at that moment, if that is remembered. */
  find(locator: Locator): Finding | undefined;
}

/** The credentials that are presented, sessions too, of all accounts. */
export interface PresentedCredentials {
  /** Memory at this moment, without waiting; undefined if it can't be relied on. */
  recollect(): Recollection | undefined;
  /**
   * An entry for each locator; each as committed at one moment that is not before the call, with its owner as of
   * that same moment. DEPENDENCY_UNAVAILABLE if that can't be known.
   */
  find(locators: readonly Locator[], signal: AbortSignal): Promise<ReadonlyMap<Locator, Finding>>;
  /** As find, from where it is kept, whatever is remembered. */
  findAnew(locator: Locator, signal: AbortSignal): Promise<Finding>;
  /** Sets the last use of sessions, forward only; one that somebody is writing just now is left to them. */
  noteUses(
    sessions: readonly Pick<HeldCredential, "accountId" | "id" | "locator">[],
    now: Date,
    signal: AbortSignal,
  ): Promise<void>;
}

/** Credentials. But for countWorking, sessions are none of them. */
export interface CredentialStore {
  /** Undefined for unknown and deleted ones, and those of other accounts. */
  find(accountId: AccountId, id: CredentialId, signal: AbortSignal): Promise<Credential | undefined>;
  /** Newest first. PAGE_TOKEN_INVALID for a token of another list or filter. */
  list(
    accountId: AccountId,
    filter: CredentialFilter,
    page: Page,
    signal: AbortSignal,
  ): Promise<PageOf<Credential>>;
  /**
   * Credentials of an owner, or of all if it is undefined, that are neither revoked nor expired; one entry for
   * each kind there is any of.
   */
  countWorking(
    accountId: AccountId,
    ownerId: PrincipalId | undefined,
    now: Date,
    signal: AbortSignal,
  ): Promise<readonly Dependents[]>;
}

export interface SessionStore {
  /** Undefined for unknown and ended ones, and those of other accounts. */
  find(accountId: AccountId, id: CredentialId, signal: AbortSignal): Promise<Session | undefined>;
  /** Newest first, without those that are over. PAGE_TOKEN_INVALID for a token of another list or filter. */
  list(
    accountId: AccountId,
    /** Undefined for any. */
    ownerId: PrincipalId | undefined,
    now: Date,
    page: Page,
    signal: AbortSignal,
  ): Promise<PageOf<Session>>;
}

/** Which sessions to end. */
export type SessionSelection =
  | { readonly of: "one"; readonly accountId: AccountId; readonly id: CredentialId }
  /** The same, if it is this principal's. */
  | {
      readonly of: "own";
      readonly accountId: AccountId;
      readonly id: CredentialId;
      readonly ownerId: PrincipalId;
    }
  | { readonly of: "principal"; readonly accountId: AccountId; readonly ownerId: PrincipalId }
  /** In all accounts. */
  | { readonly of: "group"; readonly groupId: string }
  | { readonly of: "members"; readonly accountId: AccountId; readonly userIds: readonly string[] }
  /** In all accounts, but for one group. */
  | {
      readonly of: "user";
      readonly userId: string;
      /** Undefined for any. */
      readonly belowSecretsVersion: number | undefined;
      readonly exceptGroupId: string;
    };

export interface AuditEvent {
  readonly accountId: AccountId;
  readonly action: string;
  readonly targetId: string;
  /** Never a secret. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What can be done within one transaction. Everything in it is committed, or nothing. */
export interface Tx {
  /** The account's state, which stays so until the transaction ends; hold it before its principals. As HeldCredential's. */
  holdAccount(accountId: AccountId): Promise<Account["state"]>;
  /** The principal, kept from being changed by others until the transaction ends. */
  holdPrincipal(ref: PrincipalRef): Promise<Principal | undefined>;
  /** As CredentialStore.find; kept from being changed by others until the transaction ends. */
  lockCredential(accountId: AccountId, id: CredentialId): Promise<Credential | undefined>;
  /** SSH_KEY_TAKEN if any account has a credential with that SSH key. */
  insertCredential(credential: Credential): Promise<void>;
  updateCredential(credential: Credential): Promise<void>;
  /** From the commit on its locator is free. */
  deleteCredential(credential: Credential): Promise<void>;
  /** Ends them from the commit on, and tells which they were. */
  deleteSessions(
    selection: SessionSelection,
  ): Promise<
    readonly { readonly accountId: AccountId; readonly id: CredentialId; readonly ownerId: PrincipalId }[]
  >;
  audit(event: AuditEvent): Promise<void>;
}

export interface UnitOfWork {
  /**
   * Runs `work` in one transaction, once for each request id: a repeat of a request that was committed does
   * not run it, but tells the resource id that it gave. Run again on a serialization conflict, so it has no
   * effect outside `tx`. REQUEST_ID_REUSED when the id came with another request before.
   *
   * Resolves when the change is in force on every replica; also that of an earlier call, which this one found done.
   * ENFORCEMENT_PENDING: it is committed, but not known to be in force.
   */
  once<T>(
    mutation: Mutation,
    work: (tx: Tx) => Promise<{ readonly resourceId: string; readonly value: T }>,
    signal: AbortSignal,
  ): Promise<Outcome<T>>;
}

/** What can be done to principals within one transaction. */
export interface PrincipalTx {
  /** As Tx.holdAccount. */
  holdAccount(accountId: AccountId): Promise<Account["state"]>;
  /**
   * Stores it if its version is above the known one, unless that would bring a deleted one back, after every
   * transaction that holds the principal. Tells what is in force then, and whether it is this one's.
   */
  supersede(principal: Principal): Promise<{ readonly isApplied: boolean; readonly inForce: InForce }>;
  /** All of them, those included that were committed while `supersede` waited. Frees their locators. */
  deleteCredentialsOf(ref: PrincipalRef): Promise<void>;
}

export interface PrincipalStore {
  /**
   * Runs `work` in one transaction; run again on a serialization conflict. Resolves when what it has changed, or
   * found changed, is in force on every replica; ENFORCEMENT_PENDING.
   */
  change<T>(work: (tx: PrincipalTx) => Promise<T>, signal: AbortSignal): Promise<Effective<T>>;
}

/** What the plans of accounts have, by identity's word. */
export interface PlanFeatures {
  /** Whether credentials may be restricted to endpoints. Rejects with DEPENDENCY_UNAVAILABLE if that can't be known. */
  allowsAcls(accountId: AccountId, signal: AbortSignal): Promise<boolean>;
}

export interface AccountStore {
  /**
   * Stores it if its version is above the known one, unless that would bring a deleted one back, after every
   * transaction that holds the account. Tells what is in force then, once it is so on every replica;
   * ENFORCEMENT_PENDING.
   */
  supersede(account: Account, signal: AbortSignal): Promise<Effective<Account>>;
}

/** Who may give credentials to others. */
export interface OwnerPolicy {
  /**
   * Whether the actor may name another owner than itself there, or at least a service user. Rejects with
   * DEPENDENCY_UNAVAILABLE if that can't be known.
   */
  mayAssign(
    actor: Actor,
    accountId: AccountId,
    owner: "anybody" | "service_user",
    signal: AbortSignal,
  ): Promise<boolean>;
}

/** Slows down guessing. All methods answer at once, from memory. */
export interface AttemptLimiter {
  /** True while no attempt is refused, whoever makes it. */
  isQuiet(): boolean;
  /** How long attempts from this source with this key id are refused, in milliseconds; 0 if they are not. */
  blockedForMs(source: string, keyId: string): number;
  /** Counts a failed attempt. */
  failed(source: string, keyId: string): void;
}

/** Makes ids: `cred`, `evt`. */
export type NewId = (prefix: string) => string;
export type Clock = () => Date;
