/** What access depends on: an owner or a token. Access is there as long as all of its subjects have it. */
export type Subject = string;

/**
 * An event of a run. The order of the list is that of the time: what started after something else was answered
 * stands behind the answer.
 */
export type Event =
  | ({ readonly type: "change"; readonly id: number; readonly atMs: number; readonly by: string } & Change)
  /** The change is made; `order` grows from commit to commit. */
  | { readonly type: "committed"; readonly id: number; readonly order: number }
  /** The change was never made. One that is neither committed nor this may have happened after all others. */
  | { readonly type: "never made"; readonly id: number }
  /** The change is answered with its receipt. */
  | { readonly type: "receipt"; readonly id: number; readonly atMs: number; readonly method: string }
  /** It is answered that the change failed, or nobody knows: nothing is promised. */
  | { readonly type: "unknown"; readonly id: number; readonly atMs: number }
  | {
      readonly type: "verification";
      readonly id: number;
      readonly atMs: number;
      readonly by: string;
      readonly subjects: readonly Subject[];
    }
  | {
      readonly type: "answer";
      readonly id: number;
      readonly atMs: number;
      readonly outcome: Outcome;
      /** From where the answer was taken. */
      readonly source: string;
    };

export interface Change {
  readonly subject: Subject;
  /** True: gives access; false: takes it away. */
  readonly gives: boolean;
}

/** `unavailable` says nothing about the access. */
export type Outcome = "valid" | "refused" | "unavailable";

/** What is wrong with a history. */
export interface Violation {
  readonly check: string;
  readonly detail: string;
}
