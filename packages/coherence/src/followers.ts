import type { LogEntry, LogPosition } from "./log-entry.ts";

/**
 * Something that a replica answers for beside itself: a cache that lives on its lease, a session that is kept open.
 * Neither method calls the replica.
 */
export interface Follower {
  /**
   * Told of each entry that the replica applies, in order. Answers until when, on the monotonic clock, its word is
   * waited for before the replica acknowledges; undefined if the entry does not concern it, or is in force with it
   * already. For a cache that is the end of the last lease that it was sent before the entry: a later one counts
   * there only after the entry.
   */
  deliver(entry: LogEntry): number | undefined;
  /**
   * The replica has forgotten everything and starts anew from there: so must the follower. Answers until when its
   * word for that position is waited for, as `deliver` does.
   */
  reset(to: LogPosition): number | undefined;
}

interface Pending {
  readonly position: number;
  /** As long as it is pending no more than this is in force. */
  readonly settled: number;
  readonly until: Map<Follower, number>;
}

/** Counts of closed sessions that nobody has asked for are kept for so many entries. */
const countsMax = 10_000;

/** Who follows a replica, and what is not yet in force with all of them. */
export class Followers {
  readonly #followers = new Set<Follower>();
  #pending: Pending[] = [];
  readonly #closed = new Map<number, number>();

  get size(): number {
    return this.#followers.size;
  }

  /** How many sessions were closed for the entry at each position. */
  get sessionsClosed(): ReadonlyMap<number, number> {
    return this.#closed;
  }

  add(follower: Follower): void {
    this.#followers.add(follower);
  }

  /** What it was waited for is not waited for any longer: it has ended, and with it whatever it kept. */
  remove(follower: Follower): void {
    this.#followers.delete(follower);
    for (const { until } of this.#pending) until.delete(follower);
  }

  deliver(entry: LogEntry): void {
    const until = new Map<Follower, number>();
    for (const follower of this.#followers) {
      const moment = follower.deliver(entry);
      if (moment !== undefined) until.set(follower, moment);
    }
    const { position } = entry;
    if (until.size > 0) this.#pending.push({ position, settled: position - 1, until });
  }

  /** What was pending still is, until it is known that the followers have forgotten it too. */
  reset(to: LogPosition): void {
    const until = new Map<Follower, number>();
    const waitFor = (follower: Follower, moment: number) => {
      until.set(follower, Math.max(moment, until.get(follower) ?? moment));
    };
    for (const pending of this.#pending) {
      for (const [follower, moment] of pending.until) waitFor(follower, moment);
    }
    for (const follower of this.#followers) {
      const moment = follower.reset(to);
      if (moment !== undefined) waitFor(follower, moment);
    }
    this.#closed.clear();
    this.#pending = until.size > 0 ? [{ position: to.position, settled: -1, until }] : [];
  }

  /** The follower has what was delivered up to that position, and has closed so many sessions for the last of it. */
  acknowledge(follower: Follower, position: number, sessionsClosed: number): void {
    for (const pending of this.#pending) {
      if (pending.position > position) break;
      pending.until.delete(follower);
    }
    if (sessionsClosed > 0) this.#count(position, sessionsClosed);
  }

  /** Up to which position everything is in force here, if the replica has applied up to `applied`. */
  settledUpTo(applied: number, monotonicMs: number): number {
    for (;;) {
      const first = this.#pending[0];
      if (first === undefined) return applied;
      for (const [follower, moment] of first.until) {
        if (moment <= monotonicMs) first.until.delete(follower);
      }
      if (first.until.size > 0) return Math.min(applied, first.settled);
      this.#pending.shift();
    }
  }

  /** When `settledUpTo` may say more without a word of anybody; undefined if nobody is waited for. */
  nextDeadline(): number | undefined {
    const first = this.#pending[0];
    if (first === undefined || first.until.size === 0) return undefined;
    return Math.max(...first.until.values());
  }

  #count(position: number, sessionsClosed: number): void {
    this.#closed.set(position, (this.#closed.get(position) ?? 0) + sessionsClosed);
    for (const old of this.#closed.keys()) {
      if (this.#closed.size <= countsMax) break;
      this.#closed.delete(old);
    }
  }
}
