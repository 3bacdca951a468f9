import type { Cancel, Clock } from "@portcullis/coherence";
import type { Random } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";

interface Timer {
  readonly atMonotonicMs: number;
  readonly run: () => void;
  cancel: Cancel;
}

interface Waiting {
  readonly task: () => void;
  readonly isRequest: boolean;
}

/**
 * A process with its clocks: `main` is the thread that serves, `worker` the one that listens to the channel. Clocks
 * run up to rho too fast or too slow.
 */
export class Machine {
  readonly name: string;
  readonly clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #rate: number;
  readonly #wallRate: number;
  #life = 0;
  #isRunning = true;
  #mainStops = 0;
  #workerStops = 0;
  #suspensions = 0;
  #anchorMs: number;
  #monotonicMs: number;
  #wallMs: number;
  #stoppedAtMs = Number.NEGATIVE_INFINITY;
  /** When it was last put to sleep or woken, in true time. */
  #suspendedAtMs = Number.NEGATIVE_INFINITY;
  readonly #timers = new Set<Timer>();
  #mainWaits: Waiting[] = [];
  #workerWaits: (() => void)[] = [];

  constructor(name: string, scheduler: Scheduler, random: Random, driftPpm: number) {
    this.name = name;
    this.#scheduler = scheduler;
    this.#random = random;
    const rate = () =>
      1 + (random.chance(0.5) ? random.pick([-1, 1]) : random.between(-1, 1)) * (driftPpm / 1_000_000);
    this.#rate = rate();
    this.#wallRate = rate();
    this.#anchorMs = scheduler.nowMs;
    this.#monotonicMs = random.between(0, 1_000_000);
    this.#wallMs = 1_700_000_000_000 + random.between(0, 1_000_000);
    this.clock = {
      monotonicMs: () => this.#read().monotonicMs,
      wallMs: () => this.#read().wallMs,
      after: (delayMs, task) => this.#after(delayMs, task),
    };
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  get timers(): number {
    return this.#timers.size;
  }

  /** When it last stood still or was slow, in true time; now, if it does. */
  get stoppedAtMs(): number {
    return this.#mainStops > 0 ? this.#scheduler.nowMs : this.#stoppedAtMs;
  }

  get suspendedAtMs(): number {
    return this.#suspensions > 0 ? this.#scheduler.nowMs : this.#suspendedAtMs;
  }

  /** On the serving thread, as soon as it can; not in a later life of the process. */
  post(task: () => void, delayMs = 0, isRequest = false): void {
    this.#postIn(this.#life, task, delayMs, isRequest);
  }

  /** Posts to the process as it is now: whatever is posted after it has ended is lost. */
  poster(): (task: () => void, delayMs: number) => void {
    const life = this.#life;
    return (task, delayMs) => this.#postIn(life, task, delayMs, false);
  }

  #postIn(life: number, task: () => void, delayMs: number, isRequest: boolean): void {
    this.#scheduler.after(
      delayMs,
      () => {
        if (life !== this.#life || !this.#isRunning) return;
        if (this.#mainStops > 0) this.#mainWaits.push({ task, isRequest });
        else task();
      },
      true,
    );
  }

  postWorker(task: () => void, delayMs: number): void {
    const life = this.#life;
    this.#scheduler.after(delayMs, () => {
      if (life !== this.#life || !this.#isRunning) return;
      if (this.#workerStops > 0) this.#workerWaits.push(task);
      else task();
    });
  }

  /** Only the serving thread: a long collection of garbage, a loop. */
  stall(forMs: number): void {
    this.#stop(forMs, false);
  }

  /** Both threads: SIGSTOP. */
  freeze(forMs: number): void {
    this.#stop(forMs, true);
  }

  /** Both threads and the monotonic clock, while the wall clock goes on. */
  suspend(forMs: number): void {
    this.#anchor();
    this.#suspensions++;
    for (const timer of this.#timers) timer.cancel();
    this.#stop(forMs, true);
    this.#scheduler.after(forMs, () => {
      this.#anchor();
      this.#suspendedAtMs = this.#scheduler.nowMs;
      if (--this.#suspensions === 0) for (const timer of this.#timers) this.#schedule(timer);
    });
  }

  jumpWall(byMs: number): void {
    this.#anchor();
    this.#wallMs += byMs;
  }

  crash(): void {
    this.#isRunning = false;
    this.#life++;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.#mainWaits = [];
    this.#workerWaits = [];
  }

  restart(): void {
    this.#isRunning = true;
  }

  #stop(forMs: number, alsoWorker: boolean): void {
    this.#mainStops++;
    if (alsoWorker) this.#workerStops++;
    this.#scheduler.after(forMs, () => {
      this.#stoppedAtMs = this.#scheduler.nowMs;
      if (alsoWorker && --this.#workerStops === 0) {
        const tasks = this.#workerWaits;
        this.#workerWaits = [];
        for (const task of tasks) this.postWorker(task, 0);
      }
      if (--this.#mainStops === 0) this.#resume();
    });
  }

  /** What came by one connection stays in order, but requests may come before all the rest. */
  #resume(): void {
    const waited = this.#mainWaits;
    this.#mainWaits = [];
    const inOrder = this.#random.chance(0.5)
      ? waited
      : [...waited.filter(({ isRequest }) => isRequest), ...waited.filter(({ isRequest }) => !isRequest)];
    for (const { task } of inOrder) this.post(task);
  }

  #read(): { monotonicMs: number; wallMs: number } {
    const elapsedMs = this.#scheduler.nowMs - this.#anchorMs;
    return {
      monotonicMs: this.#monotonicMs + (this.#suspensions > 0 ? 0 : elapsedMs * this.#rate),
      wallMs: this.#wallMs + elapsedMs * this.#wallRate,
    };
  }

  #anchor(): void {
    const { monotonicMs, wallMs } = this.#read();
    this.#monotonicMs = monotonicMs;
    this.#wallMs = wallMs;
    this.#anchorMs = this.#scheduler.nowMs;
  }

  #after(delayMs: number, task: () => void): Cancel {
    const life = this.#life;
    const timer: Timer = {
      atMonotonicMs: this.#read().monotonicMs + delayMs,
      run: () => {
        if (life !== this.#life) return;
        if (this.#mainStops > 0) {
          this.#mainWaits.push({ task: () => timer.run(), isRequest: false });
        } else if (this.#timers.delete(timer)) {
          task();
        }
      },
      cancel: () => {},
    };
    this.#timers.add(timer);
    if (this.#suspensions === 0) this.#schedule(timer);
    return () => {
      timer.cancel();
      this.#timers.delete(timer);
    };
  }

  #schedule(timer: Timer): void {
    const remainingMs = Math.max(0, timer.atMonotonicMs - this.#read().monotonicMs);
    // Never early: a little more than the clocks' rounding.
    timer.cancel = this.#scheduler.after(remainingMs / this.#rate + 0.001, timer.run, true);
  }
}
