import type { Authority, Incarnation } from "@portcullis/coherence";
import type { Machine } from "./machine.ts";
import type { Network } from "./network.ts";
import type { Random } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Store } from "./store.ts";

/** A call that nobody ends before fails after so long. Milliseconds. */
const hangMs = 4_000;

/**
 * Calls from a machine to the store: each takes its time on the way there and back, and may fail, hang, or be done
 * without a word; also after the caller has given up.
 */
export class StoreClient {
  readonly #machine: Machine;
  readonly #store: Store;
  readonly #network: Network;
  readonly #scheduler: Scheduler;
  readonly #random: Random;

  constructor(machine: Machine, store: Store, network: Network, scheduler: Scheduler, random: Random) {
    this.#machine = machine;
    this.#store = store;
    this.#network = network;
    this.#scheduler = scheduler;
    this.#random = random;
  }

  call<T>(signal: AbortSignal, work: (store: Store) => T, isWriteOfReplica = false): Promise<T> {
    signal.throwIfAborted();
    const machine = this.#machine;
    const post = machine.poster();
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    const answer = (say: () => void, delayMs: number) =>
      post(() => {
        signal.removeEventListener("abort", onAbort);
        say();
      }, delayMs);
    const fate = this.#network.fate(machine, isWriteOfReplica);
    const fail = (why: string, delayMs: number) => answer(() => reject(new Error(why)), delayMs);
    const there = this.#network.delayMs();
    if (fate === "refused") {
      fail("the authority can't be reached", there);
      return promise;
    }
    if (fate === "hangs") {
      fail("the authority did not answer", hangMs);
      return promise;
    }
    const isLate = fate === "not told" && this.#random.chance(0.5);
    this.#scheduler.after(isLate ? there + this.#random.between(0, 2_000) : there, () => {
      if (this.#network.isBroken("authority")) {
        fail("the authority went away", this.#network.delayMs());
        return;
      }
      const result = work(this.#store);
      if (fate === "not told") fail("the connection broke", this.#random.between(0, hangMs));
      else answer(() => resolve(result), this.#network.answerDelayMs(machine));
    });
    return promise;
  }
}

/** The port of the production classes. */
export class SimulatedAuthority implements Authority {
  readonly #client: StoreClient;

  constructor(client: StoreClient) {
    this.#client = client;
  }

  register(self: Incarnation, leaseMs: number, signal: AbortSignal): ReturnType<Authority["register"]> {
    return this.#client.call(signal, (store) => store.register(self, leaseMs));
  }

  sync(self: Incarnation, after: number, limit: number, signal: AbortSignal): ReturnType<Authority["sync"]> {
    return this.#client.call(signal, (store) => store.sync(self, after, limit));
  }

  acknowledge(
    self: Incarnation,
    at: Parameters<Authority["acknowledge"]>[1],
    signal: AbortSignal,
  ): ReturnType<Authority["acknowledge"]> {
    return this.#client.call(signal, (store) => store.acknowledge(self, at), true);
  }

  unregister(self: Incarnation, signal: AbortSignal): ReturnType<Authority["unregister"]> {
    return this.#client.call(signal, (store) => store.unregister(self));
  }

  registrations(signal: AbortSignal): ReturnType<Authority["registrations"]> {
    return this.#client.call(signal, (store) => store.registrations());
  }

  markDead(other: Incarnation, signal: AbortSignal): ReturnType<Authority["markDead"]> {
    return this.#client.call(signal, (store) => store.markDead(other));
  }

  removeDead(other: Incarnation, signal: AbortSignal): ReturnType<Authority["removeDead"]> {
    return this.#client.call(signal, (store) => store.removeDead(other));
  }
}
