import type { LogPosition } from "@portcullis/coherence";
import type { Facts, FactsQuestion } from "../domain/decide.ts";
import type { PrincipalRef } from "../domain/ids.ts";
import type { ObjectKey } from "../domain/object-access.ts";
import type { OpenTo, RegisteredCatalog, Standing } from "../domain/standing.ts";

/** A principal, or why there is nothing to remember of it. */
export type FoundStanding = StandingWithRoles | "unknown" | "too_long";

export interface StandingWithRoles extends Standing {
  readonly customRoleIds: readonly string[];
  /** What its ways take, in bytes; 0 if somebody else brought them. */
  readonly waysBytes: number;
}

/** An object, or why there is nothing to remember of it; `unsteady`: it may go without a word in the log. */
export type FoundObject = OpenTo | "unknown" | "too_long" | "unsteady";

/** In the order of what was asked for, all of one snapshot, which was taken after the call at that position of the log. */
export interface ReadAt<Found> {
  readonly found: readonly Found[];
  readonly readAt: LogPosition;
}

/** Where all of it is kept. */
export interface FactsSource {
  /** `too_long` for who is in very many groups. */
  standings(refs: readonly PrincipalRef[], signal: AbortSignal): Promise<ReadAt<FoundStanding>>;
  /** The same of those, for a few at once. `too_long` even so: is read anew for each question. */
  longStandings(refs: readonly PrincipalRef[], signal: AbortSignal): Promise<ReadAt<FoundStanding>>;
  objects(keys: readonly ObjectKey[], signal: AbortSignal): Promise<ReadAt<FoundObject>>;
  catalog(
    signal: AbortSignal,
  ): Promise<{ readonly catalog: RegisteredCatalog; readonly readAt: LogPosition }>;
  /** What decides the questions, in their order; for what can't be remembered. */
  facts(
    questions: readonly FactsQuestion[],
    signal: AbortSignal,
  ): Promise<{ readonly facts: readonly (Facts | undefined)[]; readonly readAt: LogPosition }>;
}
