// Generates load, as a process of its own: orders come in on standard input, a line each, and what was measured goes
// out on standard output. Ends with an error if any answer is not the one that must come.
import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { type Exchange, LoadConnection, type Target } from "./http2-load.ts";
import { processorTimesOf, stolenSeconds } from "./processor-times.ts";

export interface LoadPlan {
  readonly target: Target;
  /** Bodies and answers, base64. */
  readonly exchanges: readonly (readonly [body: string, answer: string])[];
  readonly mode: "unary" | "stream";
  readonly connections: number;
  /** Calls at once on each connection, or messages at once on its stream. */
  readonly concurrency: number;
  /** Whose processor time is measured. */
  readonly serverPid: number;
}

/** Connects, or loads for a while what was connected before. */
export type Order =
  | { readonly connect: string; readonly plan: LoadPlan }
  /** Connects anew: a bearer token is good for two minutes. */
  | { readonly reconnect: string; readonly authorization: string }
  | {
      readonly load: string;
      readonly ms: number;
      /** Calls begun in a second, whatever becomes of them; absent: each one as soon as one before it is done. */
      readonly rate?: number;
    };

export interface Measured {
  readonly calls: number;
  readonly seconds: number;
  /** Of the server, all its threads. */
  readonly cpuSeconds: number;
  /** What others did meanwhile with the processors that were wanted: how far latencies are the machine's. */
  readonly waits: Waits;
  /** Of each call, in milliseconds. */
  readonly latencies: readonly number[];
}

export interface Waits {
  /** For how long the server's main thread waited for a processor, and the generator's. */
  readonly serverSeconds: number;
  readonly generatorSeconds: number;
  /** Taken by the machine's host. */
  readonly stolenSeconds: number;
}

/** Between two looks at whether calls are due, at a steady rate. */
const pauseMs = 0.2;
const pause = new Int32Array(new SharedArrayBuffer(4));

function fail(error: Error): never {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

class Load {
  readonly #name: string;
  readonly #plan: LoadPlan;
  readonly #exchanges: readonly Exchange[];
  #connections: readonly LoadConnection[] = [];
  #talks: readonly Talk[] = [];
  #next = 0;
  #underWay = 0;
  #isOn = false;
  #latencies: number[] = [];

  constructor(name: string, plan: LoadPlan) {
    this.#name = name;
    this.#plan = plan;
    this.#exchanges = plan.exchanges.map(([body, answer]) => {
      return { body: Buffer.from(body, "base64"), answer: Buffer.from(answer, "base64") };
    });
    this.connect(plan.target.headers);
  }

  /** In place of the connections before, on which nothing must be under way. */
  connect(headers: Target["headers"]): void {
    for (const connection of this.#connections) connection.close();
    const { connections, mode } = this.#plan;
    const target = { ...this.#plan.target, headers: { ...this.#plan.target.headers, ...headers } };
    const failed = ({ message }: Error) => fail(new Error(`${this.#name}: ${message}`));
    this.#connections = Array.from({ length: connections }, () => new LoadConnection(target, failed));
    this.#talks =
      mode === "stream" ? this.#connections.map((one) => new Talk(one, (at) => this.#finished(at))) : [];
  }

  /** Until everything that was begun in that time is answered; all of it is measured. */
  async run(ms: number, rate: number | undefined): Promise<Measured> {
    this.#latencies = [];
    const [timesBefore, before] = [await this.#times(), performance.now()];
    this.#isOn = true;
    if (rate !== undefined) this.#arrive(rate);
    else if (this.#talks.length > 0) for (const talk of this.#talks) this.#atOnce(() => this.#say(talk));
    else for (const connection of this.#connections) this.#atOnce(() => this.#call(connection));
    await delay(ms);
    this.#isOn = false;
    while (this.#underWay > 0) await delay(1);
    const seconds = (performance.now() - before) / 1_000;
    const times = await this.#times();
    const waits: Waits = {
      serverSeconds: times.server.waited - timesBefore.server.waited,
      generatorSeconds: times.generator.waited - timesBefore.generator.waited,
      stolenSeconds: times.stolen - timesBefore.stolen,
    };
    const cpuSeconds = times.server.used - timesBefore.server.used;
    return { calls: this.#latencies.length, seconds, cpuSeconds, waits, latencies: this.#latencies };
  }

  async #times() {
    const [server, generator, stolen] = await Promise.all([
      processorTimesOf(this.#plan.serverPid),
      processorTimesOf(process.pid),
      stolenSeconds(),
    ]);
    return { server, generator, stolen };
  }

  #atOnce(begin: () => void): void {
    for (let count = 0; count < this.#plan.concurrency; count++) begin();
  }

  /** One call after the other. */
  #call(connection: LoadConnection): void {
    const startedAt = performance.now();
    this.#underWay++;
    connection.call(this.#exchange(), () => {
      this.#finished(startedAt);
      if (this.#isOn) this.#call(connection);
    });
  }

  /** One message of the stream after the other. */
  #say(talk: Talk): void {
    this.#underWay++;
    talk.say(this.#exchange(), () => {
      if (this.#isOn) this.#say(talk);
    });
  }

  /** Calls begin when their time has come; a server that is late does not slow them down, and their wait counts. */
  #arrive(rate: number): void {
    const startedAt = performance.now();
    let begun = 0;
    const tick = () => {
      for (const due = ((performance.now() - startedAt) / 1_000) * rate; begun < due; begun++) {
        const dueAt = startedAt + (begun / rate) * 1_000;
        this.#underWay++;
        this.#connections[begun % this.#connections.length]?.call(this.#exchange(), () =>
          this.#finished(dueAt),
        );
      }
      // Without this it would keep a processor busy that the server, or its collector of garbage, may want.
      Atomics.wait(pause, 0, 0, pauseMs);
      if (this.#isOn) setImmediate(tick);
    };
    tick();
  }

  #finished(startedAt: number): void {
    this.#underWay--;
    this.#latencies.push(performance.now() - startedAt);
  }

  #exchange(): Exchange {
    return (
      this.#exchanges[this.#next++ % this.#exchanges.length] ?? fail(new Error("there is nothing to ask"))
    );
  }
}

/** A stream whose answers come in the order of the questions. */
class Talk {
  readonly #connection: LoadConnection;
  readonly #asked: { readonly answer: Buffer; readonly startedAt: number; readonly done: () => void }[] = [];

  constructor(connection: LoadConnection, finished: (startedAt: number) => void) {
    this.#connection = connection;
    connection.open((message) => {
      const first = this.#asked.shift();
      if (first === undefined || !first.answer.equals(message))
        fail(new Error("a wrong answer on the stream"));
      finished(first.startedAt);
      first.done();
    });
  }

  say({ body, answer }: Exchange, done: () => void): void {
    this.#asked.push({ answer: answer.subarray(5), startedAt: performance.now(), done });
    this.#connection.say(body);
  }
}

if (process.argv[1] === import.meta.filename) {
  const loads = new Map<string, Load>();
  for await (const line of createInterface({ input: process.stdin })) {
    const order = JSON.parse(line) as Order;
    if ("connect" in order) loads.set(order.connect, new Load(order.connect, order.plan));
    else if ("reconnect" in order) {
      loads.get(order.reconnect)?.connect({ authorization: order.authorization });
    } else
      process.stdout.write(`${JSON.stringify(await loads.get(order.load)?.run(order.ms, order.rate))}\n`);
  }
}
