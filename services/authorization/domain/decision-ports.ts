import type { FactsOrUnknown, FactsQuestion, Question } from "./decide.ts";
import type { Holdings } from "./holdings.ts";
import type { AccountId, PrincipalRef } from "./ids.ts";
import type { ObjectAction } from "./object-access.ts";
import type { Page } from "./page.ts";

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
