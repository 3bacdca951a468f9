import { type Clock, type Moment, momentOf } from "./clock.ts";
import { Lease } from "./lease.ts";
import type { LogEntry, LogPosition } from "./log-entry.ts";
import type { ScopeTable } from "./scope-table.ts";
import type { Timing } from "./timing.ts";

/** What a cache says to the replica that it follows, over one connection. (common/v1/watch.proto) */
export interface CacheReplies {
  renew(nonce: number): void;
  applied(position: number, sessionsClosed: number): void;
}

/** Questions for a lease beyond the last few are not waited for. */
const askedMax = 16;

/**
 * The cache's end of a connection to a replica: what it is told there, and whether it may answer from memory. When
 * the connection breaks what it has may be used on for as long as the lease lasts.
 */
export class FollowedLog {
  readonly #clock: Clock;
  readonly #table: ScopeTable;
  readonly #lease: Lease;
  #replies: CacheReplies | undefined;
  #nonce = 0;
  /** When each question was sent. */
  readonly #asked = new Map<number, Moment>();

  constructor(clock: Clock, timing: Timing, table: ScopeTable) {
    this.#clock = clock;
    this.#table = table;
    this.#lease = new Lease(clock, timing);
  }

  /** Whether memory may answer, as `Replica.isCurrent`. */
  isCurrent(): boolean {
    return this.#lease.isLive();
  }

  /** From now on messages are of this connection. */
  connected(replies: CacheReplies): void {
    this.#replies = replies;
    this.#asked.clear();
  }

  disconnected(): void {
    this.#replies = undefined;
    this.#asked.clear();
  }

  /** Asks for a lease: to be called well before the present one is over. */
  renew(): void {
    if (this.#replies === undefined) return;
    const nonce = ++this.#nonce;
    // Before it is sent: the time of the lease counts from then.
    this.#asked.set(nonce, momentOf(this.#clock));
    for (const old of this.#asked.keys()) {
      if (this.#asked.size <= askedMax) break;
      this.#asked.delete(old);
    }
    this.#replies.renew(nonce);
  }

  onReset(to: LogPosition): void {
    this.#lease.drop();
    this.#table.reset(to);
    this.#replies?.applied(to.position, 0);
    this.renew();
  }

  onEntry(entry: LogEntry): void {
    this.#table.touch(entry);
    this.#replies?.applied(entry.position, 0);
  }

  onLease(nonce: number, ttlMs: number): void {
    const asked = this.#asked.get(nonce);
    this.#asked.delete(nonce);
    if (asked !== undefined && ttlMs > 0) this.#lease.grant(asked, ttlMs);
  }
}
