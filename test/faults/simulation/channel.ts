import type { Acknowledgement, Arrival, Channel, Following, Push, Receiver } from "@portcullis/coherence";
import type { Machine } from "./machine.ts";
import type { Network } from "./network.ts";
import type { Protocol } from "./protocol.ts";
import type { Random } from "./random.ts";
import { roundMs } from "./scheduler.ts";

/** Between all processes: each text goes to all receivers, each acknowledgement to one writer. */
export class Broker {
  readonly #network: Network;
  readonly #random: Random;
  readonly #receivers = new Set<SimulatedReceiver>();
  readonly #writers = new Map<string, SimulatedChannel>();
  /** What was said before, for whoever repeats it. */
  readonly #overheard: { readonly text: string; readonly writer: string | undefined }[] = [];

  constructor(network: Network, random: Random) {
    this.#network = network;
    this.#random = random;
  }

  addReceiver(receiver: SimulatedReceiver): void {
    this.#receivers.add(receiver);
  }

  removeReceiver(receiver: SimulatedReceiver): void {
    this.#receivers.delete(receiver);
  }

  addWriter(name: string, channel: SimulatedChannel): void {
    this.#writers.set(name, channel);
  }

  toReceivers(from: Machine, text: string): void {
    this.#overhear(text, undefined);
    if (!this.#network.reachesChannel(from)) return;
    this.#tellReceivers(text);
  }

  toWriter(from: Machine, writer: string, text: string): void {
    this.#overhear(text, writer);
    if (!this.#network.reachesChannel(from)) return;
    this.#tellWriter(writer, text);
  }

  /** The broker was restarted: who reconnects knows that something may be lost. */
  interrupt(): void {
    for (const receiver of this.#receivers) receiver.interrupted(this.#random.between(1, 200));
  }

  /** Says once more what was said before, and what nobody with the key has said. */
  forge(): void {
    const old = this.#overheard[this.#random.whole(0, Math.max(0, this.#overheard.length - 1))];
    if (old === undefined) return;
    const isForged = this.#random.chance(0.5);
    // The position is the first number of the message itself.
    const text = isForged ? old.text.replace(/(?<=",)\d+/, (number) => String(Number(number) + 1)) : old.text;
    if (old.writer === undefined) this.#tellReceivers(text);
    else this.#tellWriter(old.writer, text);
  }

  #tellReceivers(text: string): void {
    for (const receiver of this.#receivers) {
      if (!this.#network.reachesChannel(receiver.machine)) continue;
      for (const delayMs of this.#network.arrivals()) receiver.onText(text, delayMs);
    }
  }

  #tellWriter(name: string, text: string): void {
    const writer = this.#writers.get(name);
    if (writer === undefined || !this.#network.reachesChannel(writer.machine)) return;
    for (const delayMs of this.#network.arrivals()) writer.onText(text, delayMs);
  }

  #overhear(text: string, writer: string | undefined): void {
    this.#overheard.push({ text, writer });
    if (this.#overheard.length > 200) this.#overheard.splice(this.#random.whole(0, 199), 1);
  }
}

/** The listening thread goes on while the serving one stands still; what that one tells it takes a moment. */
export class SimulatedReceiver implements Receiver {
  readonly machine: Machine;
  readonly #random: Random;
  readonly #intake: InstanceType<Protocol["PushIntake"]>;
  readonly #queue: Arrival[] = [];
  #arrivals = 0;
  #isHeld = false;
  #listener: () => void = () => {};
  #isToldAtMs = 0;
  readonly #nowMs: () => number;

  constructor(protocol: Protocol, machine: Machine, broker: Broker, random: Random, nowMs: () => number) {
    this.machine = machine;
    this.#random = random;
    this.#nowMs = nowMs;
    this.#intake = new protocol.PushIntake({
      deliver: (arrival) => this.#deliver(arrival),
      acknowledge: (writer, ack, key) =>
        broker.toWriter(machine, writer, protocol.encodeAcknowledgement(ack, key)),
      isHeld: () => this.#isHeld,
    });
  }

  onText(text: string, delayMs: number): void {
    this.machine.postWorker(() => this.#intake.onText(text), delayMs);
  }

  interrupted(delayMs: number): void {
    this.machine.postWorker(() => this.#intake.interrupted(), delayMs);
  }

  arrivals(): number {
    return this.#arrivals;
  }

  take(): Arrival | undefined {
    return this.#queue.shift();
  }

  onArrival(listener: () => void): void {
    this.#listener = listener;
  }

  follow(following: Following): void {
    this.#tell(() => this.#intake.follow(following));
  }

  unfollow(): void {
    this.#tell(() => this.#intake.unfollow());
  }

  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
  }

  acknowledge(position: number, sessionsClosed: ReadonlyMap<number, number>): void {
    this.#tell(() => this.#intake.acknowledge(position, sessionsClosed));
  }

  /** Messages between the threads stay in order. */
  #tell(message: () => void): void {
    const atMs = Math.max(this.#isToldAtMs, roundMs(this.#nowMs() + this.#random.between(0, 2)));
    this.#isToldAtMs = atMs;
    this.machine.postWorker(message, atMs - this.#nowMs());
  }

  #deliver(arrival: Arrival): void {
    this.#queue.push(arrival);
    this.#arrivals++;
    this.machine.post(() => this.#listener(), this.#random.between(0, 5));
  }
}

/** A writer's end. */
export class SimulatedChannel implements Channel {
  readonly machine: Machine;
  readonly writer: string;
  readonly #protocol: Protocol;
  readonly #broker: Broker;
  readonly #keys = new Map<string, Uint8Array>();
  readonly #post: ReturnType<Machine["poster"]>;
  #listener: (ack: Acknowledgement) => void = () => {};

  constructor(protocol: Protocol, machine: Machine, broker: Broker, writer: string) {
    this.#protocol = protocol;
    this.machine = machine;
    this.#broker = broker;
    this.writer = writer;
    this.#post = machine.poster();
    broker.addWriter(writer, this);
  }

  push(push: Push, key: Uint8Array): void {
    this.#broker.toReceivers(this.machine, this.#protocol.encodePush(push, key));
  }

  onAcknowledgement(listener: (ack: Acknowledgement) => void): void {
    this.#listener = listener;
  }

  useKey(generation: string, key: Uint8Array): void {
    this.#keys.set(generation, key);
  }

  onText(text: string, delayMs: number): void {
    this.#post(() => {
      const key = this.#keys.get(this.#protocol.generationOf(text) ?? "");
      const ack = key === undefined ? undefined : this.#protocol.decodeAcknowledgement(text, key);
      if (ack !== undefined) this.#listener(ack);
    }, delayMs);
  }
}
