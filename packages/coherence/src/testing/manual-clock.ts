import type { Cancel, Clock } from "../clock.ts";

interface Timer {
  readonly atMs: number;
  readonly task: () => void;
}

/** A clock that goes on when it is told to. */
export class ManualClock implements Clock {
  #monotonicMs = 1_000;
  #wallMs = 1_700_000_000_000;
  readonly #timers = new Set<Timer>();

  get timers(): number {
    return this.#timers.size;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  wallMs(): number {
    return this.#wallMs;
  }

  after(delayMs: number, task: () => void): Cancel {
    const timer = { atMs: this.#monotonicMs + delayMs, task };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Both clocks go on; what falls due runs, and all that follows from it. */
  async pass(ms: number): Promise<void> {
    const endMs = this.#monotonicMs + ms;
    for (;;) {
      await settled();
      const [due] = [...this.#timers].filter(({ atMs }) => atMs <= endMs).toSorted((a, b) => a.atMs - b.atMs);
      if (due === undefined) break;
      this.#timers.delete(due);
      this.#go(Math.max(0, due.atMs - this.#monotonicMs));
      due.task();
    }
    this.#go(endMs - this.#monotonicMs);
    await settled();
  }

  /** The machine sleeps: the monotonic clock stands still. */
  sleep(ms: number): void {
    this.#wallMs += ms;
  }

  #go(ms: number): void {
    this.#monotonicMs += ms;
    this.#wallMs += ms;
  }
}

/** Resolves when there is nothing left to do but for timers. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
