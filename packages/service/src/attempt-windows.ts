/** Failed attempts since the first of them, until the window that it opened ends. */
interface Window {
  readonly failures: number;
  readonly endsAt: number;
}

/** Counts failures by key, each in a window of its own, and forgets the oldest when there are too many. */
export class AttemptWindows {
  readonly #windows = new Map<string, Window>();
  readonly #windowMs: number;
  readonly #entriesMax: number;
  /** When the last of the windows ends. */
  #quietFrom = Number.NEGATIVE_INFINITY;

  constructor(windowMs: number, entriesMax: number) {
    this.#windowMs = windowMs;
    this.#entriesMax = entriesMax;
  }

  /** Whether no window is open. */
  isQuiet(nowMs: number): boolean {
    return nowMs >= this.#quietFrom;
  }

  get size(): number {
    return this.#windows.size;
  }

  /** The window that is open now. */
  find(key: string, nowMs: number): Window | undefined {
    const window = this.#windows.get(key);
    return window !== undefined && window.endsAt > nowMs ? window : undefined;
  }

  /** One more failure. */
  count(key: string, nowMs: number): void {
    const open = this.find(key, nowMs);
    if (open !== undefined) {
      this.#windows.set(key, { failures: open.failures + 1, endsAt: open.endsAt });
    } else {
      this.#open(key, { failures: 1, endsAt: nowMs + this.#windowMs }, nowMs);
    }
  }

  /** What others have counted, if that is more. */
  learn(key: string, failures: number, remainingMs: number, nowMs: number): void {
    if (failures < (this.find(key, nowMs)?.failures ?? 0)) return;
    this.#open(key, { failures, endsAt: nowMs + Math.min(remainingMs, this.#windowMs) }, nowMs);
  }

  /** At the end of the map, which so is nearly in the order of the windows' ends. */
  #open(key: string, window: Window, nowMs: number): void {
    this.#windows.delete(key);
    for (const [oldest, { endsAt }] of this.#windows) {
      if (endsAt > nowMs && this.#windows.size < this.#entriesMax) break;
      this.#windows.delete(oldest);
    }
    this.#windows.set(key, window);
    this.#quietFrom = Math.max(this.#quietFrom, window.endsAt);
  }
}
