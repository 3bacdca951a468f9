/** How long to wait before the try that follows so many failures: 50 ms to 5 s, scattered. Milliseconds. */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  const most = Math.min(5_000, 50 * 2 ** Math.min(failures, 10));
  return most / 2 + (random() * most) / 2;
}

/**
 * How many calls may be sent again: one for every five that are made, and ten in a burst. Where most calls fail,
 * repeating them all would only add to what is wrong.
 */
export class RetryBudget {
  #tokens = burst;

  called(): void {
    this.#tokens = Math.min(burst, this.#tokens + perCall);
  }

  /** Whether one may be sent again now; it is counted. */
  take(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}

const burst = 10;
const perCall = 0.2;
