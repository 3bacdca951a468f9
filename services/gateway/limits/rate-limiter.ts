import type { OutageLog } from "./outage-log.ts";
import type { SharedWindows } from "./redis-window.ts";
import { type Admission, SlidingWindows } from "./sliding-window.ts";

/** Limits how many requests somebody may make in a time. Never fails, and never waits for long. */
export interface RateLimiter {
  /** Counts one more of the key's, if that is no more than `max` in the window. */
  admit(key: string, max: number): Promise<Admission>;
  /** Refused of late: what `admit` would say, without counting or asking anybody. */
  refused(key: string): Admission;
}

export interface RateLimiterOptions {
  readonly shared: SharedWindows;
  readonly windowMs: number;
  /** Milliseconds of a clock that does not go back. */
  readonly nowMs: () => number;
  /** Told whether the shared counts could be had; where not, those of this replica alone hold. */
  readonly outage: OutageLog;
  /** Keys remembered at most. */
  readonly entriesMax?: number;
}

/**
 * Counts with all replicas; alone while that can't be had. Who is refused is refused from memory until the time
 * that was told, so that a flood costs nothing but this.
 */
export function createRateLimiter(options: RateLimiterOptions): RateLimiter {
  const { shared, windowMs, nowMs, outage, entriesMax = 10_000 } = options;
  const alone = new SlidingWindows(windowMs, entriesMax);
  const refusedUntil = new Map<string, number>();
  const refused = (key: string): Admission => {
    const until = refusedUntil.get(key);
    if (until === undefined) return { admitted: true };
    const retryAfterMs = Math.ceil(until - nowMs());
    if (retryAfterMs > 0) return { admitted: false, retryAfterMs };
    refusedUntil.delete(key);
    return { admitted: true };
  };
  const ask = async (key: string, max: number) => {
    try {
      const admission = await shared.admit(key, max);
      outage.worked();
      return admission;
    } catch (error) {
      outage.failed(error);
      return alone.admit(key, max, nowMs());
    }
  };
  return {
    refused,
    async admit(key, max) {
      const known = refused(key);
      if (!known.admitted) return known;
      const admission = await ask(key, max);
      if (!admission.admitted) {
        if (refusedUntil.size >= entriesMax) refusedUntil.clear();
        refusedUntil.set(key, nowMs() + admission.retryAfterMs);
      }
      return admission;
    },
  };
}
