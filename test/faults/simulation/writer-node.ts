import type { Scope } from "@portcullis/coherence";
import { SimulatedAuthority, StoreClient } from "./authority.ts";
import { SimulatedChannel } from "./channel.ts";
import { Machine } from "./machine.ts";
import type { Protocol } from "./protocol.ts";
import { newName, type World } from "./world.ts";

/** How long a change may take to be made. Milliseconds. */
const changeMs = 3_000;
/** What a wait may be longer than the protocol says: a poll of the registry, and the calls' own time. */
const pollMs = 450;

interface Life {
  readonly settler: InstanceType<Protocol["Settler"]>;
  readonly client: StoreClient;
  /** When each generation was first seen, on the machine's clock. */
  readonly seen: Map<string, number>;
}

/** A process that gives access and takes it away. */
export class WriterNode {
  readonly machine: Machine;
  readonly #world: World;
  readonly #onReceipt: (subject: Scope) => void;
  #life: Life | undefined;
  readonly #pauseMsMax: number;
  isResting = false;

  constructor(world: World, name: string, onReceipt: (subject: Scope) => void) {
    this.#world = world;
    this.#onReceipt = onReceipt;
    this.#pauseMsMax = world.random.pick([100, 400, 1_200]);
    this.machine = new Machine(name, world.scheduler, world.random, world.timing.driftPpm);
    this.start();
  }

  get isRunning(): boolean {
    return this.machine.isRunning;
  }

  start(): void {
    const { protocol, random, network, scheduler, broker, store, timing } = this.#world;
    this.machine.restart();
    const client = new StoreClient(this.machine, store, network, scheduler, random);
    const channel = new SimulatedChannel(
      protocol,
      this.machine,
      broker,
      newName(this.#world, this.machine.name),
    );
    const settler = new protocol.Settler(
      {
        authority: new SimulatedAuthority(client),
        channel,
        clock: this.machine.clock,
        onError: () => {},
      },
      timing,
    );
    const life = { settler, client, seen: new Map<string, number>() };
    this.#life = life;
    this.machine.post(() => this.#later(life));
  }

  crash(): void {
    this.#life = undefined;
    this.machine.crash();
  }

  /** Resolves with how the change was settled, undefined if nobody knows whether it is. */
  async change(subject: Scope, gives: boolean): Promise<"acknowledged" | "waited" | undefined> {
    const life = this.#life;
    if (life === undefined) return undefined;
    const { recorder, scheduler, store } = this.#world;
    const id = recorder.change(this.machine.name, subject, gives);
    const timeout = new AbortController();
    const cancel = this.machine.clock.after(changeMs, () => timeout.abort(new Error("it takes too long")));
    try {
      const appended = await life.client.call(timeout.signal, () => {
        recorder.committed(id, store.nextOrder());
        return store.change(subject, gives);
      });
      cancel();
      const committedMonotonicMs = this.machine.clock.monotonicMs();
      const committedMs = scheduler.nowMs;
      const { generation } = appended.at;
      if (!life.seen.has(generation)) life.seen.set(generation, committedMonotonicMs);
      const mark = () => this.#checkWait(life, id, generation, committedMonotonicMs, committedMs);
      const settlement = await life.settler
        .settle({ ...appended, committedMonotonicMs }, new AbortController().signal)
        .finally(mark);
      recorder.receipt(id, settlement.method);
      recorder.receiptLatenciesMs.push(scheduler.nowMs - committedMs);
      this.#onReceipt(subject);
      return settlement.method;
    } catch {
      recorder.unknown(id);
      return undefined;
    } finally {
      cancel();
    }
  }

  /** Beside what it is doing. */
  changeSoon(): void {
    if (this.isRunning && !this.isResting) this.machine.post(() => void this.#changeSomething());
  }

  /** Nobody waits longer than for the leases of before the change, and for those of before the log was replaced. */
  #checkWait(life: Life, id: number, generation: string, fromMonotonicMs: number, fromMs: number): void {
    const { protocol, timing, recorder } = this.#world;
    if (this.machine.stoppedAtMs >= fromMs) return;
    const since = Math.max(fromMonotonicMs, life.seen.get(generation) ?? 0);
    const waitedMs = this.machine.clock.monotonicMs() - since;
    const maxMs = protocol.leaseOverAfterMs(timing.leaseMs, timing) + pollMs;
    if (waitedMs <= maxMs) return;
    recorder.violations.push({ check: "too long a wait", detail: `change ${id} waited ${waitedMs} ms` });
  }

  #later(life: Life): void {
    const { random } = this.#world;
    const pauseMs = random.chance(0.3) ? random.between(0, 50) : random.between(20, this.#pauseMsMax);
    this.machine.clock.after(pauseMs, () => void this.#changeAndOn(life));
  }

  async #changeAndOn(life: Life): Promise<void> {
    if (!this.isResting) await this.#changeSomething();
    if (this.#life === life) this.#later(life);
  }

  async #changeSomething(): Promise<void> {
    const { random, store, tokens } = this.#world;
    const token = random.pick(tokens);
    const owner = store.tokens.get(token);
    const subject = owner === undefined || random.chance(0.5) ? token : owner;
    await this.change(subject, random.chance(0.5));
    // Often: given back, or taken again, in a hurry.
    if (random.chance(0.3)) await this.change(subject, random.chance(0.7));
  }
}
