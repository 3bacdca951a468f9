import type { Exit } from "@portcullis/tether";
import { LauncherError } from "./launcher-error.ts";
import { type Log, lastLines } from "./log-lines.ts";
import type { RunNotes } from "./run-file.ts";
import { StopRequested, type StopRequests, unlessStopped } from "./stop-requests.ts";

/** A process that the launcher has started. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  readonly log: Log;
  readonly exited: Promise<Exit>;
  /** Asks it to end, insists after a while, and resolves when it has. */
  stop(): Promise<unknown>;
  /** Ends it as fast as is safe for it. */
  kill(): void;
  /** What its end means, where that is clearer than "it has ended". */
  explain?(lines: readonly string[]): LauncherError | undefined;
}

/** Stopped in this order, one after the other. */
const tiers = ["services", "redis", "postgres"] as const;
export type Tier = (typeof tiers)[number];

/** How long a hurried stop waits for what was killed. */
const hurryMs = 3_000;

/** Starts processes, notices when one ends by itself, and stops them in order. */
export class Supervisor {
  readonly #notes: RunNotes;
  readonly #stop: StopRequests;
  readonly #failure = Promise.withResolvers<never>();
  readonly #starts: Record<Tier, Promise<Child>[]> = { services: [], redis: [], postgres: [] };
  readonly #children = new Set<Child>();
  #isStopping = false;

  constructor(notes: RunNotes, stop: StopRequests) {
    this.#notes = notes;
    this.#stop = stop;
    this.#failure.promise.catch(() => {}); // Met in `guard`.
    onAbort(stop.hurry, () => {
      for (const child of this.#children) child.kill();
    });
  }

  /** Fails when one of the processes ends by itself or a stop is asked for, whichever comes first. */
  async guard<T>(work: Promise<T>): Promise<T> {
    return await unlessStopped(Promise.race([this.#failure.promise, work]), this.#stop);
  }

  /** A process that is to run until it is stopped. */
  async start<T extends Child>(tier: Tier, begin: () => Promise<T>): Promise<T> {
    const child = await this.#begin(tier, begin);
    void child.exited.then((exit) => this.#onExit(child, exit));
    return child;
  }

  /** A process that does its work and ends; resolves with how. */
  async run(begin: () => Promise<Child>): Promise<Exit> {
    const child = await this.#begin("services", begin);
    return await child.exited;
  }

  /** Whether there is anything to stop. */
  isBusy(): boolean {
    return this.#children.size > 0;
  }

  /** Resolves when none of the processes is left, those included that were being started. */
  async stopAll(): Promise<void> {
    this.#isStopping = true;
    // Whatever is left then ends with this process.
    const givenUp = new Promise<void>((resolve) =>
      onAbort(this.#stop.hurry, () => void setTimeout(resolve, hurryMs)),
    );
    for (const tier of tiers) {
      // One that didn't start needs no stop.
      const ends = this.#starts[tier].map(async (start) => await this.#end(await start));
      await Promise.race([Promise.allSettled(ends), givenUp]);
    }
  }

  async #begin<T extends Child>(tier: Tier, begin: () => Promise<T>): Promise<T> {
    if (this.#isStopping) throw new StopRequested();
    const start = begin();
    this.#starts[tier].push(start);
    const child = await start;
    this.#children.add(child);
    void child.exited.then(() => this.#children.delete(child));
    await this.#notes.add(child.name, child.pid);
    return child;
  }

  async #end(child: Child): Promise<void> {
    if (this.#stop.hurry.aborted) child.kill();
    await child.stop();
  }

  async #onExit(child: Child, exit: Exit): Promise<void> {
    if (this.#isStopping) return;
    const lines = await lastLines(child.log);
    this.#failure.reject(child.explain?.(lines) ?? endedByItself(child, exit, lines));
  }
}

function endedByItself(
  { name, log }: Child,
  { code, signal }: Exit,
  lines: readonly string[],
): LauncherError {
  const how = signal === null ? `with code ${code}` : `by ${signal}`;
  return new LauncherError(
    `${name} has ended by itself, ${how}. Its log is ${log.file}; it ends like this:`,
    {
      details: lines,
    },
  );
}

function onAbort(signal: AbortSignal, action: () => void): void {
  if (signal.aborted) action();
  else signal.addEventListener("abort", action, { once: true });
}
