import type { LogEntry, LogPosition } from "./log-entry.ts";
import type { Acknowledgement, Push } from "./push.ts";

/** Pushes from writers to replicas and acknowledgements back. It may lose, repeat, reorder and delay: it is only fast. */
export interface Channel {
  /** Tells every replica. */
  push(push: Push, key: Uint8Array): void;
  /** Who is told of acknowledgements that were made with that generation's key. One listener. */
  onAcknowledgement(listener: (ack: Acknowledgement) => void): void;
  /** The key to read acknowledgements of that generation with. */
  useKey(generation: string, key: Uint8Array): void;
  /** What pushes to this process name as their writer. */
  readonly writer: string;
}

/** What has come for a replica, in the order in which it came. */
export type Arrival =
  /** An entry; it follows on what the receiver was told of or has delivered before. */
  | { readonly kind: "entry"; readonly generation: string; readonly entry: LogEntry }
  /** Something was announced that does not follow on it, or of another generation; or pushes may have been lost. */
  | { readonly kind: "gap" };

/** What a receiver takes pushes from, and in whose name it acknowledges. */
export interface Following extends LogPosition {
  readonly replica: string;
  readonly incarnation: string;
  readonly key: Uint8Array;
}

/**
 * A replica's ear. It works on its own thread, so that an acknowledgement does not wait for the replica to be done
 * with what it is doing; therefore:
 *
 * An entry is acknowledged only after `arrivals` has grown by it. The replica compares `arrivals` with what it has
 * taken right before each answer, and takes what there is first: no answer that starts after the acknowledgement is
 * without the entry.
 */
export interface Receiver {
  /** Grows with every arrival (and may wrap around). Costs no more than reading a number. */
  arrivals(): number;
  /** The next arrival, undefined if all are taken. Never waits. */
  take(): Arrival | undefined;
  /** Called soon after something has arrived, for a replica that nobody asks. One listener. */
  onArrival(listener: () => void): void;
  /** From now on pushes are taken as following on that position, which is applied; what waits for it is acknowledged. */
  follow(following: Following): void;
  /** From now on nothing is acknowledged, until `follow`. */
  unfollow(): void;
  /**
   * While held, nothing is acknowledged but by `acknowledge`. In force when it returns: what was acknowledged before
   * has arrived.
   */
  hold(isHeld: boolean): void;
  /** Acknowledges up to that position to all who wait for it, with the sessions closed for each position. */
  acknowledge(position: number, sessionsClosed: ReadonlyMap<number, number>): void;
}
