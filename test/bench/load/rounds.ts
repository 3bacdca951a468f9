import { quantile } from "../figures.ts";
import { Generator } from "./generator.ts";
import type { LoadPlan, Measured } from "./load.ts";

export type Round = Measured & { readonly scenario: string; readonly rate?: number };

/** A server under load, and how it is loaded. */
export interface Loaded {
  readonly plan: LoadPlan;
  stop(): Promise<void>;
}

export interface Contestant {
  readonly name: string;
  /** Who asks, for as long as a round takes. */
  bearer(): Promise<string>;
  /** A new process each time. */
  start(): Promise<Loaded>;
  /** Of its highest load, for latencies. */
  readonly shares?: readonly number[];
}

export interface RoundSettings {
  readonly slices: number;
  readonly sliceMs: number;
  readonly warmUpMs: number;
  readonly latencyMs: number;
}

/**
 * Each server a new process, all at once; loaded in turns, so that what else the machine does meets all alike. Then
 * those with shares at a steady rate, which is theirs of that share.
 */
export async function measureRound(
  contestants: readonly Contestant[],
  { slices, sliceMs, warmUpMs, latencyMs }: RoundSettings,
): Promise<readonly Round[]> {
  const started: Loaded[] = [];
  const generator = new Generator();
  let connectedAtMs = performance.now();
  const stayKnown = async () => {
    if (performance.now() - connectedAtMs < bearerMsMax) return;
    connectedAtMs = performance.now();
    for (const { name, bearer } of contestants) generator.reconnect(name, `Bearer ${await bearer()}`);
  };
  try {
    for (const { name, start } of contestants) {
      const one = await start();
      started.push(one);
      generator.connect(name, one.plan);
      await generator.load(name, warmUpMs);
    }
    const parts = new Map(contestants.map(({ name }) => [name, [] as Measured[]]));
    // The first ones have been connected for as long as the last one took to start.
    connectedAtMs = Number.NEGATIVE_INFINITY;
    for (let slice = 0; slice < slices; slice++) {
      await stayKnown();
      for (const { name } of slice % 2 === 0 ? contestants : contestants.toReversed()) {
        parts.get(name)?.push(await generator.load(name, sliceMs));
      }
    }
    const results: Round[] = [...parts].map(([name, all]) => sumOf(name, all));
    const steady: Round[] = [];
    for (const { scenario, calls, seconds } of results) {
      for (const share of contestants.find(({ name }) => name === scenario)?.shares ?? []) {
        await stayKnown();
        const rate = Math.round((calls / seconds) * share);
        const measured = await generator.load(scenario, latencyMs, rate);
        steady.push({ scenario: `${scenario}, at ${share * 100} %`, rate, ...measured });
      }
    }
    return [...results, ...steady];
  } finally {
    generator.close();
    await Promise.all(started.map((one) => one.stop()));
  }
}

/** A bearer token is renewed after so long; it is good for twice that, and a slice of all takes less. */
const bearerMsMax = 45_000;

/** The server with this plan; it is stopped where there is none. */
export async function loadedBy(plan: Promise<LoadPlan>, server: { stop(): Promise<void> }): Promise<Loaded> {
  try {
    return { plan: await plan, stop: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

export function sumOf(scenario: string, parts: readonly Measured[]): Round {
  const total = (pick: (part: Measured) => number) => parts.reduce((sum, part) => sum + pick(part), 0);
  return {
    scenario,
    calls: total(({ calls }) => calls),
    seconds: total(({ seconds }) => seconds),
    cpuSeconds: total(({ cpuSeconds }) => cpuSeconds),
    waits: {
      serverSeconds: total(({ waits }) => waits.serverSeconds),
      generatorSeconds: total(({ waits }) => waits.generatorSeconds),
      stolenSeconds: total(({ waits }) => waits.stolenSeconds),
    },
    latencies: parts.flatMap(({ latencies }) => latencies),
  };
}

/** One line for people who wait. */
export function summaryOf({ scenario, calls, seconds, cpuSeconds, waits, latencies }: Round): string {
  const each = ((cpuSeconds / calls) * 1e6).toFixed(1);
  const ms = (q: number) => `${quantile(latencies, q).toFixed(2)} ms`;
  const waited = `the server waited ${((100 * waits.serverSeconds) / seconds).toFixed(0)} % of the time for a processor`;
  return `${scenario}: ${(calls / seconds).toFixed(0)} calls/s, ${each} µs each, p50 ${ms(0.5)}, p99 ${ms(0.99)}; ${waited}`;
}
