/** Both clocks of the machine. */
export interface Clock {
  /** Milliseconds since some moment; never set, but may stand still while the machine sleeps. */
  monotonicMs(): number;
  /** Milliseconds since 1970; may be set forward or back. */
  wallMs(): number;
  /** Runs `task` once `delayMs` have passed on the monotonic clock, unless it is cancelled before. */
  after(delayMs: number, task: () => void): Cancel;
}

export type Cancel = () => void;

/** A moment, as both clocks have it. */
export interface Moment {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export function momentOf(clock: Clock): Moment {
  return { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
}

/** The machine's own clocks. A waiting task does not keep the process alive. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
