import type { CacheReplies, LogEntry, LogPosition, Scope } from "@portcullis/coherence";
import type { Outcome } from "../history/history.ts";
import { SimulatedAuthority, StoreClient } from "./authority.ts";
import { SimulatedReceiver } from "./channel.ts";
import { Machine } from "./machine.ts";
import type { Protocol } from "./protocol.ts";
import type { Stream } from "./stream.ts";
import { newName, type World } from "./world.ts";

/** An answer with what a cache needs in order to remember it. */
export interface Answer {
  readonly outcome: Outcome;
  readonly source: string;
  readonly at: LogPosition;
  readonly scopes: readonly Scope[];
}

/** What a cache that has connected can say. */
export interface CacheConnection extends CacheReplies {
  end(): void;
}

/** What it is told. */
export interface CacheEars {
  onReset(to: LogPosition): void;
  onEntry(entry: LogEntry): void;
  onLease(nonce: number, ttlMs: number): void;
}

interface Remembered {
  readonly isValid: boolean;
  readonly scopes: readonly Scope[];
}

type Replica = InstanceType<Protocol["Replica"]>;
type Cache = InstanceType<Protocol["CoherentCache"]>;

/** One life of a replica's process. */
interface Life {
  readonly replica: Replica;
  readonly receiver: SimulatedReceiver;
  readonly cache: Cache;
  readonly client: StoreClient;
}

/** How long a verification may take. Milliseconds. */
const verifyMs = 2_000;

const unavailable: Answer = {
  outcome: "unavailable",
  source: "nowhere",
  at: { generation: "", position: 0 },
  scopes: [],
};

/** A replica of the service: it answers verifications from memory while it may, else from the authority. */
export class ReplicaNode {
  readonly machine: Machine;
  readonly #world: World;
  readonly #onStart: (self: ReplicaNode) => void;
  #life: Life | undefined;
  readonly #streams = new Set<Stream>();

  constructor(world: World, name: string, onStart: (self: ReplicaNode) => void) {
    this.#world = world;
    this.#onStart = onStart;
    this.machine = new Machine(name, world.scheduler, world.random, world.timing.driftPpm);
    this.start();
  }

  get isRunning(): boolean {
    return this.machine.isRunning && this.#life !== undefined;
  }

  get isCurrent(): boolean {
    return this.#life?.replica.isCurrent() ?? false;
  }

  start(): void {
    const { protocol, scheduler, random, network, broker, store, timing, mode } = this.#world;
    const { machine } = this;
    machine.restart();
    const client = new StoreClient(machine, store, network, scheduler, random);
    const receiver = new SimulatedReceiver(protocol, machine, broker, random, () => scheduler.nowMs);
    broker.addReceiver(receiver);
    const table = new protocol.ScopeTable(new Set(["token", "owner"]), random.pick([1, 4, 1_024]));
    const cache = new protocol.CoherentCache<unknown, unknown>({
      table,
      entriesMax: random.pick([2, 4, 100]),
      bytesMax: 10_000,
      sizeOf: () => 100,
    });
    const replica = new protocol.Replica(
      {
        authority: new SimulatedAuthority(client),
        receiver,
        table,
        clock: machine.clock,
        newIncarnation: () => newName(this.#world, "incarnation"),
        onError: () => {},
      },
      {
        replica: newName(this.#world, machine.name),
        timing,
        mode: { kind: mode },
        syncEntriesMax: random.pick([1, 3, 100]),
      },
    );
    this.#life = { replica, receiver, cache, client };
    machine.post(() => void replica.start());
    this.#onStart(this);
  }

  crash(): void {
    this.#leave();
    this.machine.crash();
  }

  /** Ends as a service does; what hangs is killed in the end. */
  stop(): void {
    const life = this.#life;
    if (life === undefined) return;
    this.machine.post(() => {
      const gone = () => {
        if (this.#life === life) this.crash();
      };
      this.machine.clock.after(5_000, gone);
      life.replica.stop(new AbortController().signal).then(gone, gone);
    });
  }

  /** Answers if the process lives long enough. Called on the machine. */
  async verify(token: Scope): Promise<Answer> {
    const life = this.#life;
    if (life === undefined) return unavailable;
    const { replica, cache } = life;
    const timeout = new AbortController();
    const cancel = this.machine.clock.after(verifyMs, () => timeout.abort(new Error("it takes too long")));
    try {
      let source = "memory";
      let isConfirmed = replica.isCurrent();
      if (!isConfirmed && this.#world.random.chance(0.6)) {
        source = "confirmed memory";
        isConfirmed = await replica.confirm(timeout.signal);
        if (!isConfirmed) return unavailable;
      }
      if (isConfirmed) {
        const remembered = asRemembered(cache.get(token));
        if (remembered !== undefined) {
          const { generation, position } = replica.basis();
          const outcome = remembered.isValid ? "valid" : "refused";
          return { outcome, source, at: { generation, position }, scopes: remembered.scopes };
        }
      }
      const { at, isValid, scopes } = await life.client.call(timeout.signal, (store) => store.read(token));
      cache.fill(token, { isValid, scopes } satisfies Remembered, scopes, at);
      return { outcome: isValid ? "valid" : "refused", source: "authority", at, scopes };
    } catch {
      return unavailable;
    } finally {
      cancel();
    }
  }

  /** If the process ends, so does the connection. */
  connecting(stream: Stream): void {
    this.#streams.add(stream);
  }

  /** A cache has connected. Called on the machine; undefined if nobody listens. */
  accept(stream: Stream, cache: CacheEars): CacheConnection | undefined {
    const life = this.#life;
    if (life === undefined) return undefined;
    const { protocol, timing, random } = this.#world;
    const follower = new protocol.CacheFollower({
      replica: life.replica,
      clock: this.machine.clock,
      timing,
      concerns: () => true,
      stream: {
        reset: (to) => stream.send(stream.client, () => cache.onReset(to)),
        entry: (entry) => stream.send(stream.client, () => cache.onEntry(entry)),
        lease: (nonce, ttlMs) => stream.send(stream.client, () => cache.onLease(nonce, ttlMs)),
        end: () => stream.break(random.between(0, 50), 0),
      },
    });
    follower.open();
    return {
      renew: (nonce) => follower.renew(nonce),
      applied: (position, sessionsClosed) => follower.applied(position, sessionsClosed),
      end: () => {
        this.#streams.delete(stream);
        follower.end();
      },
    };
  }

  #leave(): void {
    if (this.#life !== undefined) this.#world.broker.removeReceiver(this.#life.receiver);
    this.#life = undefined;
    const { random } = this.#world;
    for (const stream of this.#streams) stream.break(random.between(0, 3_000), 0);
    this.#streams.clear();
  }
}

function asRemembered(value: unknown): Remembered | undefined {
  return value as Remembered | undefined;
}
