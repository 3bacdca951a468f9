import type { Clock } from "./clock.ts";
import type { Follower } from "./followers.ts";
import type { LogEntry, LogPosition } from "./log-entry.ts";
import type { Replica } from "./replica.ts";
import { everything, type Scope } from "./scope.ts";
import { leaseOverAfterMs, type Timing } from "./timing.ts";

/** What a cache elsewhere is told, in order, over one connection. (common/v1/watch.proto) */
export interface CacheStream {
  reset(to: LogPosition): void;
  entry(entry: LogEntry): void;
  lease(nonce: number, ttlMs: number): void;
  /** To be connected anew. May be called more than once. */
  end(): void;
}

export interface CacheFollowerDeps {
  readonly replica: Replica;
  readonly clock: Clock;
  readonly timing: Timing;
  readonly stream: CacheStream;
  /** Whether something in the cache may depend on that scope. */
  readonly concerns: (scope: Scope) => boolean;
}

/**
 * The replica's end of a connection to a cache that lives on its lease. What was granted over the connection counts
 * until it is over, whether the connection is still there or not.
 */
export class CacheFollower implements Follower {
  readonly #deps: CacheFollowerDeps;
  #generation: string | undefined;
  #isEnded = false;
  /** When the last lease that was sent is over with the cache, on the replica's monotonic clock. */
  #leaseOverAt = Number.NEGATIVE_INFINITY;

  constructor(deps: CacheFollowerDeps) {
    this.#deps = deps;
  }

  /** The connection is there. */
  open(): void {
    const { replica } = this.#deps;
    replica.addFollower(this);
    const { generation, position } = replica.basis();
    if (generation !== "" && this.#generation === undefined) this.reset({ generation, position });
  }

  /** The cache asks for a lease. */
  renew(nonce: number): void {
    if (this.#isEnded || this.#generation === undefined) return;
    const { replica, clock, timing, stream } = this.#deps;
    const ttlMs = Math.max(0, Math.floor(replica.leaseForFollowersMs()));
    if (this.#hasEnded()) return;
    // It may run on a slower clock, and has not sent its question after this moment.
    if (ttlMs > 0) {
      const overAt = clock.monotonicMs() + leaseOverAfterMs(ttlMs, timing);
      this.#leaseOverAt = Math.max(this.#leaseOverAt, overAt);
    }
    stream.lease(nonce, ttlMs);
  }

  /** The cache has applied what it was sent up to that position. */
  applied(position: number, sessionsClosed: number): void {
    if (this.#isEnded || this.#generation === undefined) return;
    const at = { generation: this.#generation, position };
    this.#deps.replica.followerApplied(this, at, sessionsClosed);
  }

  /** The cache has ended: of what it was granted over the connection nothing is used any more. */
  returned(): void {
    this.#leaseOverAt = Number.NEGATIVE_INFINITY;
    this.end();
  }

  /** The connection is gone, or is given up. The cache may still use the lease that it has. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#deps.stream.end();
    this.#leave();
  }

  deliver(entry: LogEntry): number | undefined {
    const scopes = entry.scopes.filter((scope) => scope === everything || this.#deps.concerns(scope));
    if (scopes.length === 0) return undefined;
    if (!this.#isEnded && this.#generation !== undefined) {
      this.#deps.stream.entry({ position: entry.position, scopes });
    }
    return this.#waitedForUntil();
  }

  reset(to: LogPosition): number | undefined {
    if (this.#generation !== undefined && this.#generation !== to.generation) {
      // The cache's words name positions only: on this connection they could be of either generation.
      this.end();
    } else if (!this.#isEnded) {
      this.#generation = to.generation;
      this.#deps.stream.reset(to);
    }
    return this.#waitedForUntil();
  }

  /** What the replica has taken in meanwhile may have ended it. */
  #hasEnded(): boolean {
    return this.#isEnded;
  }

  #waitedForUntil(): number | undefined {
    return this.#leaseOverAt > this.#deps.clock.monotonicMs() ? this.#leaseOverAt : undefined;
  }

  #leave(): void {
    const { replica, clock } = this.#deps;
    const remainingMs = Math.max(0, this.#leaseOverAt - clock.monotonicMs());
    // Never at once: the replica may be in the middle of telling its followers.
    clock.after(remainingMs, () => {
      if (this.#waitedForUntil() === undefined) replica.removeFollower(this);
      else this.#leave();
    });
  }
}
