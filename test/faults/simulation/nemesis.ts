import type { Machine } from "./machine.ts";
import type { NearCacheNode } from "./near-cache.ts";
import type { ReplicaNode } from "./replica-node.ts";
import type { World } from "./world.ts";
import type { WriterNode } from "./writer-node.ts";

export interface Targets {
  readonly replicas: readonly ReplicaNode[];
  readonly nearCaches: readonly NearCacheNode[];
  readonly writers: readonly WriterNode[];
  /** One more, at any time; undefined if there are enough. */
  readonly addReplica: () => ReplicaNode | undefined;
  /** Many questions to a replica, and changes meanwhile. */
  readonly pester: (replica: ReplicaNode) => void;
}

/** Two clocks can't tell of a sleep and a wall clock set back by as much: not both within this time of each other. */
const apartMs = 5_000;

/** Breaks things. Which kinds it prefers and how often depends on the seed. */
export class Nemesis {
  readonly #world: World;
  readonly #targets: Targets;
  readonly #everyMs: number;
  readonly #kinds: readonly FaultKind[];
  readonly #jumpedBackAtMs = new Map<Machine, number>();
  #isResting = false;

  constructor(world: World, targets: Targets, only: readonly FaultKind[] = faultKinds) {
    this.#world = world;
    this.#targets = targets;
    const { random } = world;
    this.#everyMs = random.pick([100, 300, 800, 3_000]);
    const preferred = random.pick([1, 2, 3, 6, only.length]);
    this.#kinds =
      preferred >= only.length ? only : Array.from({ length: preferred }, () => random.pick(only));
    this.#later();
  }

  rest(): void {
    this.#isResting = true;
  }

  #later(): void {
    const { scheduler, random, recorder } = this.#world;
    scheduler.after(this.#everyMs * random.between(0.2, 1.8), () => {
      if (this.#isResting) return;
      const kind = random.pick(this.#kinds);
      if (this.#do(kind)) recorder.fault(kind);
      this.#later();
    });
  }

  /** Whether it could be done. */
  #do(kind: FaultKind): boolean {
    const { random, broker } = this.#world;
    const forMs = random.pick([50, 300, 900, 1_100, 2_500]) * random.between(0.5, 1.5);
    const { machine } = this.#anyone();
    const replica = random.pick(this.#targets.replicas);
    switch (kind) {
      case "channel down":
        this.#break("channel", forMs);
        return true;
      case "channel cut":
        this.#break(`channel of ${machine.name}`, forMs);
        return true;
      case "channel lossy":
        this.#break("quality", forMs);
        return true;
      case "channel restarted":
        broker.interrupt();
        return true;
      case "message repeated or forged":
        for (let count = random.whole(1, 10); count > 0; count--) broker.forge();
        return true;
      case "authority down":
        this.#break("authority", forMs);
        return true;
      case "authority cut":
        this.#break(`authority of ${machine.name}`, forMs);
        return true;
      case "authority restored":
        this.#restore();
        return true;
      case "outcome unknown":
        this.#break("certainty", forMs);
        return true;
      case "everything slow":
        this.#break("pace", forMs);
        return true;
      case "mute replica":
        // Alive and heard by nobody: its leases go on while writers wait in vain.
        this.#break(`word of ${replica.machine.name}`, forMs);
        this.#break(`channel of ${replica.machine.name}`, forMs);
        return true;
      case "cut off slowly":
        this.#driftAway(replica.machine);
        return true;
      case "slow start":
        return this.#startSlowly(replica);
      case "stalled":
        machine.stall(forMs);
        return true;
      case "frozen":
        machine.freeze(forMs);
        return true;
      case "suspended":
        return this.#suspend(machine, forMs);
      case "wall clock set":
        return this.#jump(machine);
      case "crashed":
        return this.#crash(this.#anyone(), forMs);
      case "replica leaves":
        return this.#leave(replica, forMs);
      case "replica joins":
        return this.#targets.addReplica() !== undefined;
      case "marked dead":
        return this.#markDead(replica);
      case "stream broken":
        return this.#cutStream();
    }
  }

  #anyone(): ReplicaNode | NearCacheNode | WriterNode {
    const { replicas, nearCaches, writers } = this.#targets;
    const { random } = this.#world;
    const kind = random.pick(nearCaches.length > 0 ? [replicas, nearCaches, writers] : [replicas, writers]);
    return random.pick<ReplicaNode | NearCacheNode | WriterNode>(kind);
  }

  #break(what: string, forMs: number): void {
    const { network, scheduler, random, broker } = this.#world;
    network.break(what);
    scheduler.after(forMs, () => {
      network.heal(what);
      if (what === "channel" && random.chance(0.5)) broker.interrupt();
    });
  }

  /** First answers take long, then none comes; what is announced does not reach it all the while. */
  #driftAway({ name }: Machine): void {
    const { scheduler, random } = this.#world;
    const slowMs = random.between(300, 1_200);
    this.#break(`channel of ${name}`, slowMs + 2_500);
    this.#break(`answers to ${name}`, slowMs);
    scheduler.after(slowMs, () => this.#break(`authority of ${name}`, 2_000));
  }

  /** It is answered slowly while it registers, for the first time or once more. */
  #startSlowly(replica: ReplicaNode): boolean {
    const { random } = this.#world;
    const joined = random.chance(0.5) ? this.#targets.addReplica() : undefined;
    const starting = joined ?? replica;
    this.#break(`answers to ${starting.machine.name}`, random.between(200, 1_500));
    if (joined !== undefined) return true;
    this.#targets.pester(starting);
    return this.#markDead(starting);
  }

  #suspend(machine: Machine, ms: number): boolean {
    const { scheduler } = this.#world;
    if ((this.#jumpedBackAtMs.get(machine) ?? -apartMs) > scheduler.nowMs - apartMs) return false;
    machine.suspend(ms);
    return true;
  }

  #jump(machine: Machine): boolean {
    const { random, scheduler } = this.#world;
    const byMs = random.pick([-1, 1]) * random.pick([30, 90, 150, 700, 10_000]);
    if (byMs < 0) {
      if (machine.suspendedAtMs > scheduler.nowMs - apartMs) return false;
      this.#jumpedBackAtMs.set(machine, scheduler.nowMs);
    }
    machine.jumpWall(byMs);
    if (random.chance(0.5)) return true;
    // Nobody can tell it meanwhile.
    const aloneMs = random.between(1_000, 2_500);
    this.#break(`channel of ${machine.name}`, aloneMs);
    this.#break(`authority of ${machine.name}`, aloneMs);
    return true;
  }

  #crash(node: ReplicaNode | NearCacheNode | WriterNode, downMs: number): boolean {
    if (!node.isRunning) return false;
    node.crash();
    this.#world.scheduler.after(downMs, () => node.start());
    return true;
  }

  #leave(node: ReplicaNode, downMs: number): boolean {
    const { random, scheduler } = this.#world;
    if (!node.isRunning) return false;
    if (random.chance(0.5)) {
      this.#break(`channel of ${node.machine.name}`, 1_500);
      this.#break(`answers to ${node.machine.name}`, 1_500);
    }
    node.stop();
    scheduler.after(6_000 + downMs, () => {
      if (node.isRunning) node.crash();
      node.start();
    });
    return true;
  }

  /** As any writer may that has waited in vain. */
  #markDead({ machine }: ReplicaNode): boolean {
    const { store } = this.#world;
    const found = store.registrations().find(({ replica }) => replica.startsWith(`${machine.name}-`));
    if (found !== undefined) store.markDead(found);
    return found !== undefined;
  }

  #cutStream(): boolean {
    const { nearCaches } = this.#targets;
    if (nearCaches.length === 0) return false;
    const cache = this.#world.random.pick(nearCaches);
    cache.cut();
    return true;
  }

  /**
   * To an earlier state, in a new generation; the authority is away meanwhile. Who has joined since is not known to
   * it, and may not learn of it soon.
   */
  #restore(): void {
    const { store, scheduler, recorder, network, random } = this.#world;
    const backup = store.backup();
    const joined = random.chance(0.7) ? this.#targets.addReplica() : undefined;
    scheduler.after(random.between(200, 2_000), () => {
      network.break("authority");
      const order = store.nextOrder();
      for (const { subject, gives } of store.restore(backup)) {
        recorder.committed(recorder.change("restore", subject, gives), order);
      }
      scheduler.after(random.between(0, 300), () => network.heal("authority"));
      if (joined !== undefined && random.chance(0.7)) {
        this.#break(`authority of ${joined.machine.name}`, random.between(500, 2_500));
      }
    });
  }
}

export type FaultKind = (typeof faultKinds)[number];

export const faultKinds = [
  "channel down",
  "channel cut",
  "channel lossy",
  "channel restarted",
  "message repeated or forged",
  "authority down",
  "authority cut",
  "authority restored",
  "outcome unknown",
  "everything slow",
  "mute replica",
  "cut off slowly",
  "slow start",
  "stalled",
  "frozen",
  "suspended",
  "wall clock set",
  "crashed",
  "replica leaves",
  "replica joins",
  "marked dead",
  "stream broken",
] as const;
