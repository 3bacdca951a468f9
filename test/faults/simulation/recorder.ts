import { createHash } from "node:crypto";
import type { Event, Outcome, Subject, Violation } from "../history/history.ts";
import type { Scheduler } from "./scheduler.ts";

/** Writes down what happens, in the order in which it does. */
export class Recorder {
  readonly events: Event[] = [];
  /** What was found wrong while running: waits that were too long. */
  readonly violations: Violation[] = [];
  readonly faults = new Map<string, number>();
  readonly receiptLatenciesMs: number[] = [];
  readonly #scheduler: Scheduler;
  readonly #committed = new Set<number>();
  #lastId = 0;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  change(by: string, subject: Subject, gives: boolean): number {
    const id = ++this.#lastId;
    this.events.push({ type: "change", id, atMs: this.#scheduler.nowMs, by, subject, gives });
    return id;
  }

  committed(id: number, order: number): void {
    this.#committed.add(id);
    this.events.push({ type: "committed", id, order });
  }

  receipt(id: number, method: string): void {
    this.events.push({ type: "receipt", id, atMs: this.#scheduler.nowMs, method });
  }

  unknown(id: number): void {
    this.events.push({ type: "unknown", id, atMs: this.#scheduler.nowMs });
  }

  verification(by: string, subjects: readonly Subject[]): number {
    const id = ++this.#lastId;
    this.events.push({ type: "verification", id, atMs: this.#scheduler.nowMs, by, subjects });
    return id;
  }

  answer(id: number, outcome: Outcome, source: string): void {
    this.events.push({ type: "answer", id, atMs: this.#scheduler.nowMs, outcome, source });
  }

  fault(kind: string): void {
    this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1);
  }

  /** Whoever has not committed by now never will. */
  close(): void {
    for (const event of this.events.filter(({ type }) => type === "change")) {
      if (event.type === "change" && !this.#committed.has(event.id)) {
        this.events.push({ type: "never made", id: event.id });
      }
    }
  }

  hash(): string {
    const hash = createHash("sha256");
    for (const event of this.events) hash.update(`${JSON.stringify(event)}\n`);
    return hash.digest("hex");
  }
}
