import type { Scope } from "@portcullis/coherence";
import { Machine } from "./machine.ts";
import type { Protocol } from "./protocol.ts";
import type { Answer, CacheConnection, ReplicaNode } from "./replica-node.ts";
import { Stream } from "./stream.ts";
import type { World } from "./world.ts";

/** How long an answer of the replica is waited for. Milliseconds. */
const askMs = 3_000;

interface Life {
  readonly log: InstanceType<Protocol["FollowedLog"]>;
  readonly cache: InstanceType<Protocol["CoherentCache"]>;
  stream: Stream | undefined;
  parent: ReplicaNode | undefined;
}

const unavailable: Answer = {
  outcome: "unavailable",
  source: "nowhere",
  at: { generation: "", position: 0 },
  scopes: [],
};

/** A cache in another process, as in an SDK: it follows a replica, and asks it what it does not know. */
export class NearCacheNode {
  readonly machine: Machine;
  readonly #world: World;
  readonly #replicas: () => readonly ReplicaNode[];
  #life: Life | undefined;

  constructor(world: World, name: string, replicas: () => readonly ReplicaNode[]) {
    this.#world = world;
    this.#replicas = replicas;
    this.machine = new Machine(name, world.scheduler, world.random, world.timing.driftPpm);
    this.start();
  }

  get isRunning(): boolean {
    return this.machine.isRunning;
  }

  get isCurrent(): boolean {
    return this.#life?.log.isCurrent() ?? false;
  }

  start(): void {
    const { protocol, random, timing } = this.#world;
    this.machine.restart();
    const table = new protocol.ScopeTable(new Set(["token", "owner"]), random.pick([1, 4, 1_024]));
    const cache = new protocol.CoherentCache<unknown, unknown>({
      table,
      entriesMax: random.pick([2, 100]),
      bytesMax: 10_000,
      sizeOf: () => 100,
    });
    const log = new protocol.FollowedLog(this.machine.clock, timing, table);
    const life: Life = { log, cache, stream: undefined, parent: undefined };
    this.#life = life;
    this.machine.post(() => {
      this.#connect(life);
      this.#renew(life);
    });
  }

  crash(): void {
    const { random } = this.#world;
    this.#life?.stream?.break(0, random.between(0, 3_000));
    this.#life = undefined;
    this.machine.crash();
  }

  /** The connection breaks; each end notices it at its time. */
  cut(): void {
    const { random } = this.#world;
    this.#life?.stream?.break(random.between(0, 3_000), random.between(0, 3_000));
  }

  /** Answers if the process lives long enough. Called on the machine. */
  async verify(token: Scope): Promise<Answer> {
    const life = this.#life;
    if (life === undefined) return unavailable;
    if (life.log.isCurrent()) {
      const remembered = life.cache.get(token) as Answer | undefined;
      if (remembered !== undefined) return { ...remembered, source: "near memory" };
    }
    const answer = await this.#ask(life, token);
    if (answer.outcome !== "unavailable") life.cache.fill(token, answer, answer.scopes, answer.at);
    return answer;
  }

  #ask(life: Life, token: Scope): Promise<Answer> {
    const { network, random } = this.#world;
    const replicas = this.#replicas().filter(({ isRunning }) => isRunning);
    // Not always the one that it follows: requests are spread over the replicas.
    const parent = random.chance(0.5) || replicas.length === 0 ? life.parent : random.pick(replicas);
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const post = this.machine.poster();
    const cancel = this.machine.clock.after(askMs, () => resolve(unavailable));
    parent?.machine.post(
      () => {
        const reply = (answer: Answer) => {
          const hear = () => {
            cancel();
            resolve(answer);
          };
          post(hear, network.delayMs());
        };
        void parent.verify(token).then(reply);
      },
      network.delayMs(),
      true,
    );
    return promise;
  }

  #connect(life: Life): void {
    const { network, scheduler, random } = this.#world;
    const replicas = this.#replicas().filter(({ isRunning }) => isRunning);
    if (replicas.length === 0) {
      this.machine.clock.after(200, () => this.#connect(life));
      return;
    }
    const parent = random.pick(replicas);
    let connection: CacheConnection | undefined;
    const stream = new Stream(
      network,
      scheduler,
      {
        machine: this.machine,
        onBroken: () => {
          life.log.disconnected();
          life.stream = undefined;
          this.machine.clock.after(random.between(1, 300), () => this.#connect(life));
        },
      },
      { machine: parent.machine, onBroken: () => connection?.end() },
    );
    life.stream = stream;
    life.parent = parent;
    life.log.connected({
      renew: (nonce) => stream.send(stream.server, () => connection?.renew(nonce)),
      applied: (position, closed) => stream.send(stream.server, () => connection?.applied(position, closed)),
    });
    parent.connecting(stream);
    stream.send(stream.server, () => {
      connection = parent.accept(stream, {
        onReset: (to) => life.log.onReset(to),
        onEntry: (entry) => life.log.onEntry(entry),
        onLease: (nonce, ttlMs) => life.log.onLease(nonce, ttlMs),
      });
    });
  }

  #renew(life: Life): void {
    life.log.renew();
    this.machine.clock.after(this.#world.timing.leaseMs / 4, () => this.#renew(life));
  }
}
