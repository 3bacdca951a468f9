import { setTimeout as delay } from "node:timers/promises";
import type { Cluster, Replica } from "./cluster.ts";
import { type Fault, faultsOfAll, faultsOfReplica, joining } from "./faults.ts";
import type { Measurements } from "./measurements.ts";
import type { Random } from "./random.ts";

/** How long after its mending something still counts as disturbed: connections are made anew. */
const recoveryMs = 1_500;

export interface NemesisOptions {
  readonly cluster: Cluster;
  readonly random: Random;
  readonly measurements: Measurements;
  /** Names of faults; undefined for all there are. */
  readonly only: readonly string[] | undefined;
}

/** Breaks one thing after the other, and some at once, in an order that the seed decides. */
export class Nemesis {
  readonly #options: NemesisOptions;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>[] = [];
  readonly #disturbed = new Map<Replica | "all", number>();

  constructor(options: NemesisOptions) {
    this.#options = options;
  }

  /** What happens to one replica, and what happens to what all depend on, go on beside each other. */
  start(): void {
    const { cluster, random } = this.#options;
    const [first, ...rest] = cluster.replicas.slice(0, -1);
    const spare = cluster.replicas.at(-1);
    if (first === undefined || spare === undefined) throw new Error("there is nobody to strike");
    this.#loop(400, 1_200, () => {
      const replica = random.pick([first, ...rest]);
      return { who: replica, faults: faultsOfReplica(replica, random) };
    });
    this.#loop(1_500, 4_000, () => ({ who: "all", faults: faultsOfAll(cluster, random) }));
    this.#loop(2_000, 5_000, () => ({ who: spare, faults: [joining(spare, random)] }));
  }

  /** Resolves when all is mended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#running);
  }

  isDisturbed(replica: Replica): boolean {
    const now = performance.now();
    return [replica, "all" as const].some((who) => (this.#disturbed.get(who) ?? 0) > now);
  }

  #loop(
    calmMsMin: number,
    calmMsMax: number,
    next: () => { readonly who: Replica | "all"; readonly faults: readonly Fault[] },
  ): void {
    const { signal } = this.#stopping;
    const { random, only, measurements } = this.#options;
    const run = async () => {
      for (;;) {
        await delay(random.between(calmMsMin, calmMsMax), undefined, { signal }).catch(() => {});
        if (signal.aborted) return;
        const { who, faults } = next();
        const [fault, ...others] = faults.filter(({ name }) => only?.includes(name) ?? true);
        if (fault === undefined) continue;
        await this.#strike(who, random.pick([fault, ...others]), measurements);
      }
    };
    this.#running.push(run());
  }

  async #strike(
    who: Replica | "all",
    { name, isHarmless, strike }: Fault,
    measurements: Measurements,
  ): Promise<void> {
    measurements.fault(name);
    if (isHarmless === true) return strike();
    this.#disturbed.set(who, Number.POSITIVE_INFINITY);
    await strike();
    this.#disturbed.set(who, performance.now() + recoveryMs);
  }
}
