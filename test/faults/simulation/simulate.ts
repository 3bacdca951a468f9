import { defaultTiming, type Scope, scopeOf } from "@portcullis/coherence";
import type { Event, Violation } from "../history/history.ts";
import { checkLinearizableHistory } from "../history/linearizable-history.ts";
import { checkSafety } from "../history/safety.ts";
import { Broker } from "./channel.ts";
import { NearCacheNode } from "./near-cache.ts";
import { type FaultKind, Nemesis } from "./nemesis.ts";
import { Network } from "./network.ts";
import type { Protocol } from "./protocol.ts";
import { Random } from "./random.ts";
import { Recorder } from "./recorder.ts";
import { ReplicaNode } from "./replica-node.ts";
import { Scheduler } from "./scheduler.ts";
import { Store } from "./store.ts";
import type { World } from "./world.ts";
import { WriterNode } from "./writer-node.ts";

export interface Simulated {
  readonly seed: number;
  readonly hash: string;
  readonly events: readonly Event[];
  readonly violations: readonly Violation[];
  readonly faults: ReadonlyMap<string, number>;
  readonly receiptLatenciesMs: readonly number[];
  readonly mode: World["mode"];
}

export interface SimulationOptions {
  /** Only these kinds of faults; all of them if it is not given. */
  readonly faults?: readonly FaultKind[];
}

const replicasMax = 7;

/** One run, in virtual time. The same seed gives the same run. */
export async function simulate(
  protocol: Protocol,
  seed: number,
  options: SimulationOptions = {},
): Promise<Simulated> {
  const random = new Random(seed);
  const scheduler = new Scheduler();
  const recorder = new Recorder(scheduler);
  const network = new Network(random, {
    lossRate: random.pick([0, 0.01, 0.1]),
    duplicateRate: random.pick([0, 0.05]),
    slowRate: random.pick([0, 0.02, 0.2]),
    slowMsMax: random.pick([50, 400, 1_500]),
    failRate: random.pick([0, 0.01, 0.1]),
    unknownRate: random.pick([0, 0.01, 0.05]),
  });
  const store = new Store(tokensOf(random));
  const world: World = {
    protocol,
    random,
    scheduler,
    network,
    broker: new Broker(network, random),
    store,
    recorder,
    timing: defaultTiming,
    mode: random.chance(0.9) ? "strict" : "linearizable",
    tokens: [...store.tokens.keys()],
  };
  const replicas: ReplicaNode[] = [];
  const nearCaches: NearCacheNode[] = [];
  const writers: WriterNode[] = [];
  const nodes = () => [...replicas, ...nearCaches];
  // Whoever starts is asked everything at once, and again, while something changes.
  const pester = (node: ReplicaNode) => {
    const withinMs = random.pick([50, 300, 1_500]);
    for (let count = random.pick([0, 3, 12]); count > 0; count--) {
      for (const token of world.tokens) {
        scheduler.after(random.between(0, withinMs), () => ask(world, node, token));
      }
    }
    for (const writer of writers) {
      scheduler.after(random.between(0, withinMs), () => writer.changeSoon());
    }
  };
  const addReplica = () => {
    if (replicas.length >= replicasMax) return undefined;
    const added = new ReplicaNode(world, `replica${replicas.length + 1}`, pester);
    replicas.push(added);
    return added;
  };
  for (let count = random.whole(1, 3); count > 0; count--) addReplica();
  for (let count = random.whole(0, 3); count > 0; count--) {
    nearCaches.push(new NearCacheNode(world, `cache${count}`, () => replicas));
  }
  const onReceipt = (subject: Scope) => {
    for (const node of nodes()) {
      for (const token of world.tokens) {
        if (token === subject || store.tokens.get(token) === subject) ask(world, node, token);
      }
    }
  };
  for (let count = random.whole(1, 3); count > 0; count--) {
    writers.push(new WriterNode(world, `writer${count}`, onReceipt));
  }
  const nemesis = new Nemesis(world, { replicas, nearCaches, writers, addReplica, pester }, options.faults);
  const everyMs = random.pick([5, 15, 40]);
  let isAsking = true;
  const askAgain = () => {
    if (!isAsking) return;
    ask(world, random.pick(nodes()), random.pick(world.tokens));
    scheduler.after(everyMs * random.between(0, 2), askAgain);
  };
  askAgain();
  const endMs = random.pick([3_000, 6_000, 9_000]);
  await scheduler.runUntil(endMs);
  nemesis.rest();
  isAsking = false;
  for (const writer of writers) writer.isResting = true;
  // It takes longer than all the rest.
  if (random.chance(0.15)) await checkRecovery(world, endMs, { replicas, nearCaches, writers });
  else await scheduler.runUntil(endMs + 1_500);
  recorder.close();
  const { events, faults, receiptLatenciesMs } = recorder;
  return {
    seed,
    hash: recorder.hash(),
    events,
    violations: [
      ...checkSafety(events),
      ...(world.mode === "linearizable"
        ? checkLinearizableHistory(events, (subject) => store.tokens.get(subject as Scope))
        : []),
      ...recorder.violations,
    ],
    faults,
    receiptLatenciesMs,
    mode: world.mode,
  };
}

/** Sends a request over the network; it is answered when the process gets round to it, or never. */
function ask(world: World, node: ReplicaNode | NearCacheNode, token: Scope): void {
  const { recorder, store, network } = world;
  const owner = store.tokens.get(token);
  const id = recorder.verification(node.machine.name, owner === undefined ? [token] : [token, owner]);
  node.machine.post(
    () => void node.verify(token).then(({ outcome, source }) => recorder.answer(id, outcome, source)),
    network.delayMs(),
    true,
  );
}

/** When nothing breaks any more everything is as it should be, and fast. */
async function checkRecovery(
  world: World,
  endMs: number,
  nodes: {
    readonly replicas: readonly ReplicaNode[];
    readonly nearCaches: readonly NearCacheNode[];
    readonly writers: readonly WriterNode[];
  },
): Promise<void> {
  const { scheduler, recorder, mode, network, store } = world;
  const { replicas, nearCaches, writers } = nodes;
  const fail = (detail: string) => void recorder.violations.push({ check: "recovery", detail });
  const token = world.tokens[0];
  if (token === undefined) return;
  // The last faults are over by then, and processes are back.
  const healedMs = endMs + 12_000;
  await scheduler.runUntil(healedMs);
  network.calm();
  const methods: (string | undefined)[] = [];
  for (const [index, atMs] of [3_000, 6_000, 9_000].entries()) {
    await scheduler.runUntil(healedMs + atMs);
    for (const writer of writers) {
      writer.machine.post(() => {
        const startedMs = scheduler.nowMs;
        const note = (method: string | undefined) => {
          methods.push(method);
          const latencyMs = scheduler.nowMs - startedMs;
          if (index < 2 || (method === "acknowledged" && latencyMs < 300)) return;
          fail(`${writer.machine.name} has its receipt ${method} after ${latencyMs} ms`);
        };
        void writer.change(token, index % 2 === 0).then(note);
      });
    }
  }
  await scheduler.runUntil(healedMs + 12_000);
  if (methods.length !== 3 * writers.length || methods.includes(undefined)) {
    fail(`changes came to ${methods.join(", ")}`);
  }
  for (const node of mode === "strict" ? [...replicas, ...nearCaches] : []) {
    if (!node.isCurrent) fail(`${node.machine.name} has no lease`);
  }
  for (const { machine } of [...replicas, ...nearCaches, ...writers]) {
    if (machine.timers > 40) fail(`${machine.name} has ${machine.timers} timers`);
  }
  if (store.registered !== replicas.length) {
    fail(`${store.registered} registrations are left of ${replicas.length} replicas`);
  }
}

function tokensOf(random: Random): ReadonlyMap<Scope, Scope> {
  const owners = random.whole(1, 3);
  const tokens = new Map<Scope, Scope>();
  for (let count = random.whole(1, 5); count > 0; count--) {
    tokens.set(scopeOf("token", `t${count}`), scopeOf("owner", `o${random.whole(1, owners)}`));
  }
  return tokens;
}
