/** Of the test's own monotonic clock: the start is noted before the call is sent, the end after its answer was read. */
interface Invocation {
  /** Whose access it is about. */
  readonly subject: string;
  /** Who was asked. */
  readonly by: string;
  readonly startMs: number;
  readonly endMs: number;
}

export type HistoryEvent =
  /** `ok`: with a receipt. `unknown`: it may have happened, and may still happen. */
  | (Invocation & { readonly kind: "take" | "give"; readonly outcome: "ok" | "unknown" })
  | (Invocation & {
      readonly kind: "verify";
      readonly outcome: "valid" | "refused" | "unavailable";
      /** From where the answer was. */
      readonly source: string;
    });

type Verification = Extract<HistoryEvent, { readonly kind: "verify" }>;
type Change = Exclude<HistoryEvent, Verification>;

interface SubjectState {
  /** Of the changes of a subject each has a higher number than the one before; the highest that has started. */
  givenUpTo: number;
  takenUpTo: number;
  /** Since when it can't have access: a receipt, since which nothing has begun to give it again. */
  takenSinceMs: number | undefined;
  /** Since when it must have access. */
  givenSinceMs: number | undefined;
}

/** Wrong answers that are kept, to be looked at. */
const examplesMax = 20;
/** Invocations that are kept in all. */
const eventsMax = 4_000_000;

/**
 * Every invocation, and whether the promise was kept: no verification that started after a receipt is valid, until
 * something that gives access again has started. The changes of a subject have numbers, and the highest counts.
 *
 * Checked as it happens, in constant time for each event: between the start and the end of a verification, whatever
 * begins to give access ends the time in which it would be wrong.
 */
export class History {
  readonly events: HistoryEvent[] = [];
  /** Valid after the receipt of what took access away. */
  staleAccepts = 0;
  /** Refused after it was answered that access was given. */
  staleRefusals = 0;
  refused = 0;
  readonly examples: Verification[] = [];
  readonly #subjects = new Map<string, SubjectState>();

  /** To be called right before the first attempt of the change is sent. */
  changeStarts(subject: string, number: number, kind: Change["kind"]): void {
    const state = this.#stateOf(subject);
    if (kind === "give") {
      state.givenUpTo = Math.max(state.givenUpTo, number);
      state.takenSinceMs = undefined;
    } else {
      state.takenUpTo = Math.max(state.takenUpTo, number);
      state.givenSinceMs = undefined;
    }
  }

  changed(change: Change, number: number): void {
    this.#keep(change);
    if (change.outcome !== "ok") return;
    const state = this.#stateOf(change.subject);
    if (change.kind === "take" && state.givenUpTo < number) state.takenSinceMs ??= change.endMs;
    if (change.kind === "give" && state.takenUpTo < number) state.givenSinceMs ??= change.endMs;
  }

  /** To be called right after the answer was read. */
  verified(verification: Verification): void {
    this.#keep(verification);
    const { subject, startMs, outcome } = verification;
    const { takenSinceMs, givenSinceMs } = this.#stateOf(subject);
    if (outcome === "refused") this.refused++;
    if (outcome === "valid" && takenSinceMs !== undefined && startMs > takenSinceMs) {
      this.staleAccepts++;
      if (this.examples.length < examplesMax) this.examples.push(verification);
    }
    if (outcome === "refused" && givenSinceMs !== undefined && startMs > givenSinceMs) {
      this.staleRefusals++;
      if (this.examples.length < examplesMax) this.examples.push(verification);
    }
  }

  #stateOf(subject: string): SubjectState {
    const known = this.#subjects.get(subject);
    if (known !== undefined) return known;
    const state = { givenUpTo: 0, takenUpTo: 0, takenSinceMs: undefined, givenSinceMs: undefined };
    this.#subjects.set(subject, state);
    return state;
  }

  #keep(event: HistoryEvent): void {
    if (this.events.length < eventsMax) this.events.push(event);
  }
}
