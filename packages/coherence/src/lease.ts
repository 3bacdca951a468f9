import type { Clock, Moment } from "./clock.ts";
import type { Timing } from "./timing.ts";

/**
 * Invariant I1: memory may answer at monotonic time n only if a sync that started at s has ended, everything that
 * it returned is applied, and n - s < D. Both clocks count: the time elapsed must be below D on each, and one
 * that has jumped against the other ends the lease.
 */
export class Lease {
  readonly #clock: Clock;
  readonly #timing: Timing;
  #start: Moment | undefined;
  #leaseMs = 0;
  #isSuspended = true;

  constructor(clock: Clock, timing: Timing) {
    this.#clock = clock;
    this.#timing = timing;
  }

  /** For a sync that began at `start` and has been applied. */
  grant(start: Moment, leaseMs = this.#timing.leaseMs): void {
    this.#start = start;
    this.#leaseMs = leaseMs;
    this.#isSuspended = false;
  }

  /** Until the next sync: something was announced that is not known yet. */
  suspend(): void {
    this.#isSuspended = true;
  }

  /** As if there had never been a sync. */
  drop(): void {
    this.#start = undefined;
    this.#isSuspended = true;
  }

  isLive(): boolean {
    return this.remainingMs() > 0;
  }

  /** How long the lease will last if no clock jumps; 0 or less without one. Milliseconds. */
  remainingMs(): number {
    if (this.#isSuspended || this.#start === undefined) return 0;
    const elapsed = this.#clock.monotonicMs() - this.#start.monotonicMs;
    const wallElapsed = this.#clock.wallMs() - this.#start.wallMs;
    const apart = wallElapsed - elapsed;
    if (apart > this.#timing.jumpMsMax || apart < -this.#timing.jumpMsMax) {
      this.drop();
      return 0;
    }
    return this.#leaseMs - (wallElapsed > elapsed ? wallElapsed : elapsed);
  }

  /** How old what is known may be, suspended or not, by the clock that says more; Infinity if nothing is known. */
  ageMs(): number {
    if (this.#start === undefined) return Number.POSITIVE_INFINITY;
    const elapsed = this.#clock.monotonicMs() - this.#start.monotonicMs;
    const wallElapsed = this.#clock.wallMs() - this.#start.wallMs;
    return Math.max(elapsed, wallElapsed);
  }
}
