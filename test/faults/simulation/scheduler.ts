import type { Cancel } from "@portcullis/coherence";

interface Scheduled {
  readonly atUs: number;
  readonly sequence: number;
  readonly task: () => void;
  /** It may resolve promises: what follows from it is done before the next event. */
  readonly isTurn: boolean;
  isCancelled: boolean;
}

/** True time, which nobody in the simulation can read but by the clock of a machine. */
export class Scheduler {
  readonly #heap: Scheduled[] = [];
  /** Whole microseconds: what is to happen at the same moment does. */
  #nowUs = 0;
  #sequence = 0;

  get nowMs(): number {
    return this.#nowUs / 1_000;
  }

  get pending(): number {
    return this.#heap.length;
  }

  /** Events of the same moment happen in the order in which they were scheduled. */
  after(delayMs: number, task: () => void, isTurn = false): Cancel {
    const atUs = this.#nowUs + Math.max(0, Math.round(delayMs * 1_000));
    const scheduled = { atUs, sequence: this.#sequence++, task, isTurn, isCancelled: false };
    this.#push(scheduled);
    return () => {
      scheduled.isCancelled = true;
    };
  }

  async runUntil(endMs: number): Promise<void> {
    for (let next = this.#heap[0]; next !== undefined && next.atUs <= endMs * 1_000; next = this.#heap[0]) {
      this.#pop();
      if (next.isCancelled) continue;
      this.#nowUs = next.atUs;
      next.task();
      // All microtasks run before it resolves.
      if (next.isTurn) await new Promise((resolve) => setImmediate(resolve));
    }
    this.#nowUs = Math.max(this.#nowUs, Math.round(endMs * 1_000));
  }

  #push(scheduled: Scheduled): void {
    const heap = this.#heap;
    let index = heap.push(scheduled) - 1;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || !isBefore(scheduled, parent)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = scheduled;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = heap[childIndex];
      const right = heap[childIndex + 1];
      if (child === undefined) break;
      if (right !== undefined && isBefore(right, child)) {
        child = right;
        childIndex++;
      }
      if (!isBefore(child, last)) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = last;
  }
}

/** To the scheduler's moments. */
export function roundMs(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}

function isBefore(a: Scheduled, b: Scheduled): boolean {
  return a.atUs < b.atUs || (a.atUs === b.atUs && a.sequence < b.sequence);
}
