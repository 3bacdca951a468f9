/** What has been let through in the fixed window that began at `startsAt`, and in the one before it. */
interface Counts {
  readonly startsAt: number;
  readonly current: number;
  readonly previous: number;
}

/** Whether a request may go on; else when to try again. */
export type Admission =
  | { readonly admitted: true }
  | { readonly admitted: false; readonly retryAfterMs: number };

/**
 * At most so many in any window, taking those of the window before as spread evenly over it. What is refused
 * does not count. In the memory of this process, and as the script of redis-window.ts has it.
 */
export class SlidingWindows {
  readonly #counts = new Map<string, Counts>();
  readonly #windowMs: number;
  readonly #entriesMax: number;

  constructor(windowMs: number, entriesMax = 10_000) {
    this.#windowMs = windowMs;
    this.#entriesMax = entriesMax;
  }

  get size(): number {
    return this.#counts.size;
  }

  /** Counts one more of the key's, if that is no more than `max`. */
  admit(key: string, max: number, nowMs: number): Admission {
    const { startsAt, current, previous } = this.#countsOf(key, nowMs);
    const elapsedMs = nowMs - startsAt;
    const weighted = current + (previous * (this.#windowMs - elapsedMs)) / this.#windowMs;
    // The oldest key first, so that the map is bounded by forgetting who has been away for longest.
    this.#counts.delete(key);
    const admitted = weighted + 1 <= max;
    this.#counts.set(key, { startsAt, current: current + (admitted ? 1 : 0), previous });
    if (admitted) return { admitted };
    return { admitted, retryAfterMs: retryAfterMs(current, previous, elapsedMs, max, this.#windowMs) };
  }

  #countsOf(key: string, nowMs: number): Counts {
    const startsAt = nowMs - (nowMs % this.#windowMs);
    const known = this.#counts.get(key);
    if (known?.startsAt === startsAt) return known;
    if (known === undefined) this.#forgetOldest();
    const previous = known?.startsAt === startsAt - this.#windowMs ? known.current : 0;
    return { startsAt, current: 0, previous };
  }

  #forgetOldest(): void {
    if (this.#counts.size < this.#entriesMax) return;
    for (const oldest of this.#counts.keys()) {
      this.#counts.delete(oldest);
      return;
    }
  }
}

/** When one more would be let through, if nothing else comes meanwhile. */
export function retryAfterMs(
  current: number,
  previous: number,
  elapsedMs: number,
  max: number,
  windowMs: number,
): number {
  const room = max - 1 - current;
  if (room >= 0) {
    // Of this window: what is left of the one before has to become as little as there is room.
    return Math.max(1, Math.ceil(windowMs - (room * windowMs) / previous - elapsedMs));
  }
  // Of the next one, in which these are the previous.
  return Math.max(1, Math.ceil(windowMs - elapsedMs + windowMs - ((max - 1) * windowMs) / current));
}
