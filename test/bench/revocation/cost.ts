import { setTimeout as delay } from "node:timers/promises";
import { median, spread } from "../figures.ts";
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

interface Slice {
  readonly perSecond: number;
  /** Of all replicas, everything that they did meanwhile counted. */
  readonly cpuMicrosEach: number;
}

/** What revocations cost the load: parts of it, 0.1 for a tenth. */
export interface Cost {
  readonly revocationsPerSecond: number;
  /** By how much more processor time the replicas take for each verification, in each turn. */
  readonly processor: readonly number[];
  /** By how much fewer verifications there are in a second, where everything shares the machine's processors. */
  readonly throughput: readonly number[];
}

const turns = 6;
const sliceSeconds = 2;

/** Slices of the highest load without revocations and with so many, in turns, so that the machine's noise meets all. */
export async function measureCost(deps: CostDeps, rates: readonly number[]): Promise<readonly Cost[]> {
  const slices = new Map<number, Slice[]>([0, ...rates].map((rate) => [rate, []]));
  for (let turn = 0; turn < turns; turn++) {
    const all = [...slices];
    for (const [rate, measured] of turn % 2 === 0 ? all : all.toReversed()) {
      measured.push(await measureSlice(deps, rate));
      await deps.giveBack(rate * sliceSeconds);
    }
  }
  const without = slices.get(0) ?? [];
  return rates.map((rate) => {
    const pairs = (slices.get(rate) ?? []).flatMap((beside, turn) => {
      const alone = without[turn];
      return alone === undefined ? [] : [{ beside, alone }];
    });
    return {
      revocationsPerSecond: rate,
      processor: pairs.map(({ beside, alone }) => beside.cpuMicrosEach / alone.cpuMicrosEach - 1),
      throughput: pairs.map(({ beside, alone }) => 1 - beside.perSecond / alone.perSecond),
    };
  });
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

async function measureSlice({ pids, verify, revoke }: CostDeps, rate: number): Promise<Slice> {
  const cpu = async () => {
    const each = await Promise.all(pids.map(cpuSecondsOf));
    return each.reduce((sum, one) => sum + one, 0);
  };
  const before = await cpu();
  const [{ perSecond }] = await Promise.all([
    verify({ seconds: sliceSeconds, rate: undefined }),
    rate === 0 ? undefined : revoke(rate, sliceSeconds),
  ]);
  return { perSecond, cpuMicrosEach: (((await cpu()) - before) * 1e6) / (perSecond * sliceSeconds) };
}

export function costLines(costs: readonly Cost[]): readonly (readonly [name: string, value: string])[] {
  const percents = (parts: readonly number[]) =>
    `${spread(
      parts.map((part) => 100 * part),
      1,
    )} %`;
  return costs.flatMap(({ revocationsPerSecond: rate, processor, throughput }) => [
    [`${rate} revocations/s: processor time each`, percents(processor)] as const,
    [`${rate} revocations/s: fewer verifications/s`, percents(throughput)] as const,
  ]);
}

export function isWithin({ processor }: Cost, part: number): boolean {
  return median(processor) < part;
}
