import type { Facts, FactsQuestion, Question } from "./decide.ts";
import type { Holdings } from "./holdings.ts";
import type { AccountId, PrincipalId, PrincipalRef } from "./ids.ts";
import type { ObjectAction } from "./object-access.ts";
import type { Page } from "./page.ts";

/** What an answer rests on. */
export interface Basis {
  /** Which log `revision` counts in. */
  readonly generation: string;
  /** All changes up to this position of the log are in it, and every one that had returned before the question. */
  readonly revision: number;
  /** How far it may be behind that, in milliseconds: 0, unless availability was chosen over it and Postgres is away. */
  readonly staleMsMax: number;
}

/** What decides a question. */
export interface Finding {
  /** Undefined for an unknown subject. */
  readonly facts: Facts | undefined;
  /** What a memory of the answer would depend on, in several lists; none: it must not be remembered. */
  readonly dependsOn: readonly (readonly string[])[];
}

/** What decides several questions, in their order, all of one moment. */
export interface Findings {
  readonly found: readonly Finding[];
  readonly basis: Basis;
}

/** What decides questions; takes as long for a small account as for a large one. */
export interface FactsFinder {
  /**
   * As of this moment, if that can be told without waiting, and of `minRevision` at least; undefined if it can't.
   */
  recall(questions: readonly FactsQuestion[], minRevision: number): Findings | undefined;
  /**
   * As committed at a moment that is not before the call. Below `minRevision` only if there is no such revision.
   * DEPENDENCY_UNAVAILABLE if that can't be known.
   */
  find(questions: readonly FactsQuestion[], minRevision: number, signal: AbortSignal): Promise<Findings>;
}

export interface SubjectStore {
  /** All that decides what the principal may do, as committed at one moment that is not before the call. */
  find(
    ref: PrincipalRef,
    signal: AbortSignal,
  ): Promise<{ readonly holdings: Holdings | undefined; readonly revision: number }>;
  /** As find, of those of the account that exist and are not deleted, by id; with the groups that each was put into. */
  findMany(
    accountId: AccountId,
    principalIds: readonly PrincipalId[],
    signal: AbortSignal,
  ): Promise<readonly { readonly holdings: Holdings; readonly groupIds: readonly string[] }[]>;
  /** Both of them, of one moment. */
  explain(
    question: FactsQuestion,
    signal: AbortSignal,
  ): Promise<{
    readonly facts: Facts | undefined;
    readonly holdings: Holdings | undefined;
    readonly holderIds: readonly string[];
    readonly revision: number;
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
  readonly facts: Facts | undefined;
  /** Of those open to the subject for the action; for a super administrator, of all. */
  readonly objectIds: readonly string[];
  readonly revision: number;
}

export interface CandidatePage {
  readonly candidates: readonly { readonly principalId: string; readonly facts: Facts | undefined }[];
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
