import type { Machine } from "./machine.ts";
import type { Network } from "./network.ts";
import { roundMs, type Scheduler } from "./scheduler.ts";

/** One end of a connection. */
interface End {
  readonly machine: Machine;
  readonly onBroken: () => void;
}

/**
 * A connection between two processes. What is said arrives in order, up to where the connection breaks; each end
 * learns of that when it learns of it.
 */
export class Stream {
  readonly #network: Network;
  readonly #scheduler: Scheduler;
  readonly #arrivesAtMs = new Map<End, number>();
  #isBroken = false;
  readonly client: End;
  readonly server: End;

  constructor(network: Network, scheduler: Scheduler, client: End, server: End) {
    this.#network = network;
    this.#scheduler = scheduler;
    this.client = client;
    this.server = server;
  }

  get isBroken(): boolean {
    return this.#isBroken;
  }

  send(to: End, message: () => void): void {
    const { nowMs } = this.#scheduler;
    const atMs = Math.max(this.#arrivesAtMs.get(to) ?? 0, roundMs(nowMs + this.#network.delayMs()));
    this.#arrivesAtMs.set(to, atMs);
    this.#scheduler.after(atMs - nowMs, () => {
      if (!this.#isBroken) to.machine.post(message);
    });
  }

  /** Nothing arrives from now on. */
  break(clientLearnsAfterMs: number, serverLearnsAfterMs: number): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.client.machine.post(this.client.onBroken, clientLearnsAfterMs);
    this.server.machine.post(this.server.onBroken, serverLearnsAfterMs);
  }
}
