import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { RedisTarget } from "@portcullis/redis";
import type { Arrival, Channel, Following, Receiver } from "../channel.ts";
import { type Acknowledgement, encodePush } from "../push.ts";
import {
  arrivalsIndex,
  type FromThread,
  heldIndex,
  type ThreadSettings,
  type ToThread,
} from "./thread-messages.ts";

export interface RedisChannelOptions {
  readonly target: RedisTarget;
  /** Whose log it is: services that share a Redis don't hear each other. */
  readonly service: string;
  /** Told once an outage, of Redis or of the channel's thread, and not again until it is over. */
  readonly onOutage: (error: unknown) => void;
  readonly onRecovery?: () => void;
}

export interface RedisChannel {
  /** For this process's writers. */
  readonly channel: Channel;
  /** For this process's replica, of which there is one. */
  readonly receiver: Receiver;
  /** Resolves when pushes and acknowledgements are listened for. */
  ready(signal: AbortSignal): Promise<void>;
  /** After the replica has stopped. May be repeated. */
  close(): Promise<void>;
}

/** Pushes and acknowledgements over Redis, on a thread of its own, which does not keep the process alive. */
export function createRedisChannel(options: RedisChannelOptions): RedisChannel {
  const ear = new ThreadedEar(options);
  return { channel: ear, receiver: ear, ready: (signal) => ear.ready(signal), close: () => ear.close() };
}

const threadFile = new URL("./channel-thread.ts", import.meta.url);
const restartMsMax = 5_000;
/** As many as the thread knows. */
const keysMax = 8;

class ThreadedEar implements Channel, Receiver {
  readonly writer = randomUUID();
  readonly #options: RedisChannelOptions;
  readonly #shared = new Int32Array(new SharedArrayBuffer(8));
  /** Arrivals that an event has brought, or a thread has left. */
  readonly #queue: Arrival[] = [];
  /** As many of the arrivals that were counted are taken; wraps around as they do. */
  #taken = 0;
  #port: MessagePort | undefined;
  #thread: Worker | undefined;
  #onArrival: () => void = () => {};
  #onAcknowledgement: (ack: Acknowledgement) => void = () => {};
  #following: Following | undefined;
  readonly #keys = new Map<string, Uint8Array>();
  #acknowledged = 0;
  #crashes = 0;
  #listening = Promise.withResolvers<void>();
  readonly #closing = new AbortController();

  constructor(options: RedisChannelOptions) {
    this.#options = options;
    this.#start();
  }

  async ready(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await Promise.race([this.#listening.promise, aborted]);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  push(...[push, key]: Parameters<Channel["push"]>): void {
    this.#post({ kind: "push", text: encodePush(push, key) });
  }

  onAcknowledgement(listener: (ack: Acknowledgement) => void): void {
    this.#onAcknowledgement = listener;
  }

  useKey(generation: string, key: Uint8Array): void {
    const known = this.#keys.get(generation);
    if (known !== undefined && Buffer.compare(known, key) === 0) return;
    this.#keys.set(generation, key);
    for (const oldest of this.#keys.keys()) {
      if (this.#keys.size <= keysMax) break;
      this.#keys.delete(oldest);
    }
    this.#post({ kind: "key", generation, key });
  }

  arrivals(): number {
    return Atomics.load(this.#shared, arrivalsIndex);
  }

  take(): Arrival | undefined {
    // Before the queue: what is counted was put there first, so what is counted and not there was lost.
    const counted = this.arrivals();
    const arrival = this.#queue.shift() ?? this.#receive();
    if (arrival !== undefined) {
      this.#taken = (this.#taken + 1) | 0;
      return arrival;
    }
    if (((counted - this.#taken) | 0) <= 0) return undefined;
    this.#taken = counted;
    return { kind: "gap" };
  }

  onArrival(listener: () => void): void {
    this.#onArrival = listener;
  }

  follow(following: Following): void {
    const { incarnation, generation } = following;
    const before = this.#following;
    if (before?.incarnation !== incarnation || before.generation !== generation) this.#acknowledged = 0;
    this.#following = following;
    this.#post({ kind: "follow", following });
  }

  unfollow(): void {
    this.#following = undefined;
    this.#post({ kind: "unfollow" });
  }

  hold(isHeld: boolean): void {
    Atomics.store(this.#shared, heldIndex, isHeld ? 1 : 0);
  }

  acknowledge(position: number, sessionsClosed: ReadonlyMap<number, number>): void {
    // Of what was acknowledged before, the thread has told how many sessions were closed.
    const news = new Map([...sessionsClosed].filter(([closedFor]) => closedFor > this.#acknowledged));
    this.#acknowledged = Math.max(this.#acknowledged, position);
    this.#post({ kind: "acknowledge", position, sessionsClosed: news });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const thread = this.#thread;
    if (thread === undefined) return;
    const exited = Promise.withResolvers<void>();
    thread.once("exit", () => exited.resolve());
    this.#post({ kind: "close" });
    this.#thread = undefined;
    await Promise.race([exited.promise, delay(1_000)]);
    await thread.terminate();
  }

  #post(message: ToThread): void {
    this.#thread?.postMessage(message);
  }

  #receive(): Arrival | undefined {
    if (this.#port === undefined) return undefined;
    // The channel's thread puts nothing else there.
    return receiveMessageOnPort(this.#port)?.message as Arrival | undefined;
  }

  #start(): void {
    const { port1, port2 } = new MessageChannel();
    const { target, service } = this.#options;
    const settings: ThreadSettings = {
      target,
      service,
      writer: this.writer,
      arrivals: port2,
      shared: this.#shared.buffer,
    };
    const thread = new Worker(threadFile, { workerData: settings, transferList: [port2] });
    this.#port = port1;
    this.#thread = thread;
    port1.on("message", (arrival: Arrival) => {
      this.#queue.push(arrival);
      this.#onArrival();
    });
    port1.unref();
    thread.on("message", (message: FromThread) => this.#onMessage(message));
    let cause: unknown;
    thread.on("error", (error) => {
      cause = error;
    });
    thread.once("exit", () => this.#onExit(cause));
    thread.unref();
    for (const [generation, key] of this.#keys) this.#post({ kind: "key", generation, key });
    if (this.#following !== undefined) this.#post({ kind: "follow", following: this.#following });
  }

  #onMessage(message: FromThread): void {
    switch (message.kind) {
      case "acknowledgement":
        return this.#onAcknowledgement(message.acknowledgement);
      case "listening":
        if (this.#crashes > 0) this.#options.onRecovery?.();
        this.#crashes = 0;
        return this.#listening.resolve();
      case "outage":
        return this.#options.onOutage(message.error);
      case "recovery":
        return this.#options.onRecovery?.();
    }
  }

  /** What it has delivered, and may have acknowledged, still counts; what came since is lost. */
  #onExit(cause: unknown): void {
    for (let left = this.#receive(); left !== undefined; left = this.#receive()) this.#queue.push(left);
    this.#port?.close();
    this.#port = undefined;
    this.#thread = undefined;
    if (this.#closing.signal.aborted) return;
    this.#listening = Promise.withResolvers();
    if (this.#crashes === 0) {
      this.#options.onOutage(new Error("The channel's thread ended and is started again", { cause }));
    }
    this.#queue.push({ kind: "gap" });
    // The thread may have ended between putting an arrival there and counting it.
    Atomics.store(this.#shared, arrivalsIndex, (this.#taken + this.#queue.length) | 0);
    this.#onArrival();
    const restartMs = Math.min(restartMsMax, 50 * 2 ** Math.min(this.#crashes++, 10));
    const timer = setTimeout(() => this.#start(), restartMs);
    timer.unref();
    this.#closing.signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  }
}
