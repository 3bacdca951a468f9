import { setTimeout as delay } from "node:timers/promises";
import { spread } from "../figures.ts";
import { cpuSecondsOf } from "../process-cpu.ts";
import type { Phase, PhaseResult } from "../verification-load.ts";

export interface CostDeps {
  /** Of the replicas. */
  readonly pids: readonly number[];
  verify(phase: Phase): Promise<PhaseResult>;
  /** So many in a second, for so long. */
  revoke(perSecond: number, seconds: number): Promise<unknown>;
  /** What was revoked is good again. */
  giveBack(count: number): Promise<void>;
}

/** By what part there are fewer verifications in a second, in each turn, where everything shares the machine. */
export interface Cost {
  readonly revocationsPerSecond: number;
  readonly lost: readonly number[];
}

const turns = 6;
const sliceSeconds = 2;

/** Slices of the highest load without revocations and with so many, in turns, so that the machine's noise meets all. */
export async function measureCost(deps: CostDeps, rates: readonly number[]): Promise<readonly Cost[]> {
  const slices = new Map<number, number[]>([0, ...rates].map((rate) => [rate, []]));
  for (let turn = 0; turn < turns; turn++) {
    const all = [...slices];
    for (const [rate, measured] of turn % 2 === 0 ? all : all.toReversed()) {
      measured.push(await measureSlice(deps, rate));
      await deps.giveBack(rate * sliceSeconds);
    }
  }
  const without = slices.get(0) ?? [];
  return rates.map((rate) => ({
    revocationsPerSecond: rate,
    lost: (slices.get(rate) ?? []).map((beside, turn) => 1 - beside / (without[turn] ?? Number.NaN)),
  }));
}

/** Processor time of one revocation, in milliseconds, of each replica; nothing is verified meanwhile. */
export async function priceOf(
  { pids, revoke, giveBack }: CostDeps,
  rate: number,
): Promise<readonly number[]> {
  const during = async (work: Promise<unknown>) => {
    const before = await Promise.all(pids.map(cpuSecondsOf));
    await work;
    const after = await Promise.all(pids.map(cpuSecondsOf));
    return after.map((one, index) => one - (before[index] ?? 0));
  };
  const resting = await during(delay(sliceSeconds * 1_000));
  const revoking = await during(revoke(rate, sliceSeconds));
  await giveBack(rate * sliceSeconds);
  return revoking.map((one, index) => ((one - (resting[index] ?? 0)) * 1_000) / (rate * sliceSeconds));
}

/** Verifications a second. */
async function measureSlice({ verify, revoke }: CostDeps, rate: number): Promise<number> {
  const [{ perSecond }] = await Promise.all([
    verify({ seconds: sliceSeconds, rate: undefined }),
    rate === 0 ? undefined : revoke(rate, sliceSeconds),
  ]);
  return perSecond;
}

export function costLines(costs: readonly Cost[]): readonly (readonly [name: string, value: string])[] {
  return costs.map(({ revocationsPerSecond, lost }) => {
    const percents = lost.map((part) => 100 * part);
    return [
      `${revocationsPerSecond} revocations/s: fewer verifications/s`,
      `${spread(percents, 0)} %`,
    ] as const;
  });
}

/** What part of their processors so many revocations a second take of replicas that have one each. */
export function partOfReplicas(prices: readonly number[], perSecond: number): number {
  return (prices.reduce((sum, ms) => sum + ms, 0) * perSecond) / 1_000 / prices.length;
}
