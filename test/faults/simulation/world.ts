import type { Scope, Timing } from "@portcullis/coherence";
import type { Broker } from "./channel.ts";
import type { Network } from "./network.ts";
import type { Protocol } from "./protocol.ts";
import type { Random } from "./random.ts";
import type { Recorder } from "./recorder.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Store } from "./store.ts";

/** What everybody in a simulation shares. */
export interface World {
  readonly protocol: Protocol;
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly broker: Broker;
  readonly store: Store;
  readonly recorder: Recorder;
  readonly timing: Timing;
  readonly mode: "strict" | "linearizable";
  readonly tokens: readonly Scope[];
}

/** A name that nobody else has. */
export function newName(world: World, kind: string): string {
  return `${kind}-${world.random.whole(0, 2 ** 31).toString(36)}`;
}
