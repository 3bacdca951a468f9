import { type Clock, CoherentCache, type Scope, ScopeTable } from "@portcullis/coherence";
import type { CacheAdvice } from "@portcullis/contracts/portcullis/common/v1/watch_pb.ts";
import { type Change, LogFollower, type OpenWatch } from "./log-follower.ts";

export interface MemoryLimits {
  /** Answers that are remembered at most. Default 100,000. */
  readonly entriesMax?: number;
  /** What they may take together, in bytes, as estimated. Default 64 MiB. */
  readonly bytesMax?: number;
}

export interface NearCacheOptions {
  readonly open: OpenWatch;
  readonly clock: Clock;
  /** What changes are about that this release knows; any other is about everything. */
  readonly scopeKinds: ReadonlySet<string>;
  readonly limits: MemoryLimits;
  readonly onForgotten?: (change: Change) => void;
}

/** An answer, and what its service says of remembering it. */
export interface Answer<Value> {
  readonly value: Value;
  readonly advice: CacheAdvice;
  readonly evaluatedRevision: number;
  /** When the question was sent, on the monotonic clock. */
  readonly sentAtMs: number;
  /** By the wall clock; Infinity for never. */
  readonly expiresAtMs: number;
  /** About how many bytes the value takes. */
  readonly bytes: number;
}

export interface NearCacheStats {
  readonly hits: number;
  readonly misses: number;
  readonly entries: number;
  /** As estimated. */
  readonly bytes: number;
  /** How long memory may be used if nothing is heard; 0: questions go to the service. Milliseconds. */
  readonly leaseRemainingMs: number;
  /** Whether changes arrive, so that answers are remembered. */
  readonly isFollowing: boolean;
  /** Streams that were opened so far, the present one included. */
  readonly streams: number;
}

interface Remembered<Value> {
  /** Undefined: it is another one for each variant. */
  readonly value: Value | undefined;
  /** On the monotonic clock. */
  readonly askAgainAtMs: number;
  /** By the wall clock. */
  readonly expiresAtMs: number;
  readonly bytes: number;
}

/** What an entry takes beside its texts: map entries, ties, cells. Measured, and rounded up. */
const entryBytes = 400;

/**
 * Answers of a service in this process's memory, none of which is answered once the operation that took it away has
 * returned. It holds them under a lease of one replica and forgets what it is told to.
 */
export class NearCache<Value> {
  readonly #clock: Clock;
  readonly #follower: LogFollower;
  readonly #cache: CoherentCache<string, Remembered<Value>>;
  #hits = 0;
  #misses = 0;

  constructor({ open, clock, scopeKinds, limits, onForgotten }: NearCacheOptions) {
    const table = new ScopeTable(scopeKinds);
    this.#clock = clock;
    this.#follower = new LogFollower({
      open,
      table,
      clock,
      ...(onForgotten === undefined ? {} : { onForgotten }),
    });
    this.#cache = new CoherentCache({
      table,
      entriesMax: limits.entriesMax ?? 100_000,
      bytesMax: limits.bytesMax ?? 64 * 1024 * 1024,
      sizeOf: (key, { bytes }) => key.length + bytes + entryBytes,
    });
  }

  start(): void {
    this.#follower.start();
  }

  /** Forgets everything and remembers nothing more. */
  close(): void {
    this.#follower.close();
  }

  /** The moment of this call is the moment that the answer is true of. `variant` counts where the answer depends on it. */
  get(key: string, variant: string): Value | undefined {
    const found = this.recall(key, variant);
    if (found === undefined) this.#misses++;
    return found;
  }

  /** The same, of which a miss does not count: who asks in vain asks again. */
  recall(key: string, variant: string): Value | undefined {
    let found = this.#cache.get(key);
    if (found !== undefined && found.value === undefined) found = this.#cache.get(variantOf(key, variant));
    // The lease last: whatever was looked up is good only if it holds now.
    if (found?.value === undefined || !this.#isInTime(found) || !this.#follower.isCurrent()) return undefined;
    this.#hits++;
    return found.value;
  }

  /** Remembers an answer if it may be; tells whether it was. */
  fill(key: string, variant: string, answer: Answer<Value>): boolean {
    const { advice, evaluatedRevision, sentAtMs, expiresAtMs, value } = answer;
    if (!this.#follower.isFollowing || advice.scopes.length === 0) return false;
    const scopes = advice.scopes as readonly string[] as readonly Scope[]; // a scope's text is opaque here
    const readAt = { generation: advice.generation, position: evaluatedRevision };
    const askAgainAtMs = advice.ttlMs === 0 ? Number.POSITIVE_INFINITY : sentAtMs + advice.ttlMs;
    const scopeBytes = scopes.reduce((sum, scope) => sum + scope.length, 0);
    const remembered = { value, askAgainAtMs, expiresAtMs, bytes: answer.bytes + scopeBytes };
    if (!advice.dependsOnSourceIp) return this.#cache.fill(key, remembered, scopes, readAt);
    const signpost = { ...remembered, value: undefined, bytes: scopeBytes };
    return (
      this.#cache.fill(key, signpost, scopes, readAt) &&
      this.#cache.fill(variantOf(key, variant), remembered, scopes, readAt)
    );
  }

  stats(): NearCacheStats {
    return {
      hits: this.#hits,
      misses: this.#misses,
      ...this.#cache.stats(),
      leaseRemainingMs: this.#follower.leaseRemainingMs(),
      isFollowing: this.#follower.isFollowing,
      streams: this.#follower.streams,
    };
  }

  /** Most answers have no time of their own, and no clock is read for them. */
  #isInTime({ askAgainAtMs, expiresAtMs }: Remembered<Value>): boolean {
    return (
      (askAgainAtMs === Number.POSITIVE_INFINITY || this.#clock.monotonicMs() < askAgainAtMs) &&
      (expiresAtMs === Number.POSITIVE_INFINITY || this.#clock.wallMs() < expiresAtMs)
    );
  }
}

/** Keys hold no NUL but in digests, which have one length. */
function variantOf(key: string, variant: string): string {
  return `${key}\0${variant}`;
}
