/**
 * When a change came to be in force on every replica and in every cache that follows one, and how that is known.
 * (packages/coherence)
 */
export interface Effect {
  /** Its place in the log; a later one if it found nothing to change. */
  readonly at: { readonly generation: string; readonly position: number };
  readonly committedWallMs: number;
  readonly effectiveWallMs: number;
  readonly method: "acknowledged" | "waited";
  readonly verifiers: readonly {
    readonly replica: string;
    readonly outcome: "acknowledged" | "lease_over";
  }[];
  readonly sessionsClosed: number;
}

/** What came of a change; no effect where no decision can depend on it. */
export interface Effective<T> {
  readonly value: T;
  readonly effect: Effect | undefined;
}
