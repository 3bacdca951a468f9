// How long it takes until access is gone everywhere: three replicas of credential, 10 revocations a second through
// one of them, idle and while the replicas verify at 80 % of their highest load. Receipts in milliseconds, and as a
// multiple of a round trip to Redis of the same run; and what 10 and 100 revocations a second cost the load. Takes about
// two minutes.
// Exits with 1 when a target is missed.
import { once } from "node:events";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import { EnforcementMethod } from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import { newId } from "@portcullis/service";
import { Redis } from "ioredis";
import { startCluster } from "../faults/processes/cluster.ts";
import { createSubject, principalOf, type Subject } from "../faults/processes/subjects.ts";
import { type CostDeps, costLines, measureCost, partOfReplicas, priceOf } from "./revocation/cost.ts";
import type { LoadSettings, Phase, PhaseResult } from "./verification-load.ts";

const replicas = 3;
const perSecond = 10;
const seconds = 12;
const share = 0.8;
const readers = 60;
const targets = { p50Ms: 5, p99Ms: 50, costPart: 0.1 };
/** A second, for what they cost the load. */
const costRateMax = 100;
const costRates = [10, costRateMax];
const victimCount = 200;

interface Times {
  /** The whole call. */
  readonly receiptMs: readonly number[];
  /** Of it, from the commit on. */
  readonly settledMs: readonly number[];
  readonly acknowledged: number;
  readonly redisMs: readonly number[];
}

await using cluster = await startCluster({ replicas, isDirect: true });
const running = cluster.replicas.slice(0, replicas);
const writer = running[0]?.clients ?? fail("there is no replica");
const accountId = newId("acct");
const verified: Subject[] = [];
for (let count = 0; count < readers; count++) verified.push(await createSubject(writer, accountId));
/** Those whose access is taken: enough for any phase. */
const victims: Subject[] = [];
for (let count = 0; count < Math.max(victimCount, perSecond * seconds); count++)
  victims.push(await createSubject(writer, accountId));

const settings: LoadSettings = {
  addresses: running.map(({ dataAddress }) => dataAddress),
  workloadKey: cluster.workloadKey,
  tokens: [...verified, ...victims].map(({ token }) => token),
};
const load = new Worker(new URL("./verification-load.ts", import.meta.url), { workerData: settings });
const redis = new Redis(cluster.redisUrl);

await verify({ seconds: 3, rate: undefined });
const idle = await revoke();
await giveBack();
const highest = await verify({ seconds: 8, rate: undefined });
const rate = share * highest.perSecond;
const [beside, busy] = await Promise.all([
  verify({ seconds: seconds + 1, rate }),
  delay(500).then(() => revoke()),
]);
await giveBack();
const costDeps: CostDeps = {
  pids: running.map(({ process: { pid = 0 } }) => pid),
  verify,
  revoke: (rateOfThem, forSeconds) => revoke(forSeconds, rateOfThem),
  giveBack,
};
const prices = await priceOf(costDeps, costRateMax);
const costs = await measureCost(costDeps, costRates);

const rows = [
  ["highest load", `${highest.perSecond.toFixed(0)} verifications/s (p99 ${highest.msP99.toFixed(1)} ms)`],
  ...rowsOf("idle", idle),
  [`at ${percent(share)} load`, `${beside.perSecond.toFixed(0)}/s, p99 ${beside.msP99.toFixed(1)} ms`],
  ...rowsOf(`at ${percent(share)} load`, busy),
  ["a revocation, processor time of the replicas", `${prices.map((ms) => ms.toFixed(1)).join(", ")} ms`],
  ...costLines(costs),
];
for (const [name, value] of rows) console.log(`${name?.padEnd(44)} ${value}`);
const isMet = [idle, busy].every(
  ({ settledMs }) => at(settledMs, 0.5) <= targets.p50Ms && at(settledMs, 0.99) <= targets.p99Ms,
);
console.log(
  `target, from commit to receipt: p50 <= ${targets.p50Ms} ms, p99 <= ${targets.p99Ms} ms: ${isMet ? "met" : "MISSED"}`,
);
const costPart = partOfReplicas(prices, costRateMax);
const areCheap = costPart < targets.costPart;
console.log(
  `target, ${costRateMax} revocations/s, of what replicas with a processor each can do: < ${percent(targets.costPart)}: ${percent(costPart)}, ${areCheap ? "met" : "MISSED"}`,
);
process.exitCode = isMet && areCheap ? 0 : 1;
redis.disconnect();
await load.terminate();

async function verify(phase: Phase): Promise<PhaseResult> {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  load.postMessage(phase);
  // Of a worker's, and it posts nothing else.
  const [result] = (await once(load, "message")) as [PhaseResult];
  return result;
}

/** At that pace, whatever the one before takes. */
async function revoke(forSeconds = seconds, rateOfThem = perSecond): Promise<Times> {
  const receiptMs: number[] = [];
  const settledMs: number[] = [];
  const redisMs: number[] = [];
  let acknowledged = 0;
  const startMs = performance.now();
  const calls = victims.slice(0, forSeconds * rateOfThem).map(async (victim, index) => {
    await delay(Math.max(0, startMs + (index * 1_000) / rateOfThem - performance.now()));
    const pingMs = performance.now();
    await redis.ping();
    redisMs.push(performance.now() - pingMs);
    victim.version++;
    const principal = principalOf(victim, victim.version);
    const sentMs = performance.now();
    const { enforcement } = await writer.enforcement.applyPrincipal({ principal });
    receiptMs.push(performance.now() - sentMs);
    settledMs.push(millisOf(enforcement?.effectiveTime) - millisOf(enforcement?.commitTime));
    if (enforcement?.method === EnforcementMethod.ACKNOWLEDGED) acknowledged++;
  });
  await Promise.all(calls);
  return { receiptMs, settledMs, redisMs, acknowledged };
}

/** To those whose access was taken last. */
async function giveBack(howMany = seconds * perSecond): Promise<void> {
  for (const victim of victims.slice(0, howMany)) {
    victim.version++;
    await writer.enforcement.applyPrincipal({ principal: principalOf(victim, victim.version) });
  }
}

function rowsOf(name: string, { receiptMs, settledMs, redisMs, acknowledged }: Times): string[][] {
  const times = (ms: readonly number[]) =>
    `p50 ${at(ms, 0.5).toFixed(1)}  p99 ${at(ms, 0.99).toFixed(1)}  max ${at(ms, 1).toFixed(1)} ms`;
  const multiple = (ms: readonly number[]) => (at(ms, 0.5) / at(redisMs, 0.5)).toFixed(1);
  return [
    [`${name}: the call`, times(receiptMs)],
    [`${name}: from commit to receipt`, times(settledMs)],
    [`${name}: Redis round trip`, times(redisMs)],
    [`${name}: in Redis round trips, p50`, `${multiple(receiptMs)}, from the commit ${multiple(settledMs)}`],
    [`${name}: by acknowledgement`, `${acknowledged} of ${receiptMs.length}`],
  ];
}

function millisOf(time: Timestamp | undefined): number {
  return time === undefined ? Number.NaN : timestampMs(time);
}

function at(ms: readonly number[], part: number): number {
  const sorted = ms.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

function percent(part: number): string {
  return `${(100 * part).toFixed(0)} %`;
}

function fail(message: string): never {
  throw new Error(message);
}
