// What the number of credentials does to a verification, to the memory of a replica, and to a replica that has just
// started: 1,000, 100,000 and 1,000,000 credentials, of a service user each. `npm run bench -- sizes`, or
// `node test/bench/sizes.ts --sizes=1000,100000`; takes about six minutes, and 3 GiB.
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { createVerifier } from "@portcullis/sdk";
import { count, median, quantile, spread } from "./figures.ts";
import { loadTokens } from "./load-tokens.ts";
import { type OneService, prepareService, type Replica } from "./one-service.ts";
import { memoryOfTree } from "./process-memory.ts";
import { publish } from "./publish.ts";
import { connectUnary } from "./unary-verify.ts";

interface SizeResult {
  readonly size: number;
  /** Verifications a second, of tokens all over the memory, in each slice. */
  readonly perSecond: readonly number[];
  readonly mib: number;
  readonly bytesEach: number;
  readonly startedInMs: number;
  /** Of a replica that has just started, one after the other. */
  readonly coldMs: readonly number[];
}

const { values: options } = parseArgs({
  options: { sizes: { type: "string", default: "1000,100000,1000000" } },
});
const concurrency = 64;
const slices = 5;
const sliceMs = 1_500;
const coldQuestions = 1_000;
const bytesEachMax = 1_024;
const mibMax = 1.2 * 1_024;

const results: SizeResult[] = [];
for (const size of options.sizes.split(",").map(Number)) {
  const service = await prepareService("credential");
  try {
    const result = await measure(service, size);
    results.push(result);
    console.log(
      `${count(size)}: ${spread(result.perSecond, 0)} unary verifications/s; ${count(result.mib)} MiB, ${count(result.bytesEach)} bytes for each; started in ${count(result.startedInMs)} ms, then ${median(result.coldMs).toFixed(1)} ms each`,
    );
  } finally {
    await service.close();
  }
}

const largest = results.at(-1);
const [first, last] = [results[0]?.perSecond ?? [], largest?.perSecond ?? []];
const rows = results.map(
  ({ size, perSecond, mib, bytesEach, startedInMs, coldMs }) =>
    `| ${count(size)} | ${spread(perSecond, 0)} | ${count(mib)} | ${count(bytesEach)} | ${count(startedInMs)} | ${median(coldMs).toFixed(2)} | ${quantile(coldMs, 0.99).toFixed(2)} |`,
);
const verdict = (isMet: boolean) => (isMet ? "met" : "**missed**");
await publish("sizes", {
  raw: results,
  markdown: `## The number of credentials

All of them in the memory of one replica, asked for in an order that no processor's cache knows, unary on the data plane, ${concurrency} at once, ${slices} slices of ${sliceMs / 1_000} s; median (least – most). MiB: of the process, all in memory. Bytes: what it grew by for each while it learnt them. Then a replica that has just started: until it listens, and its first ${count(coldQuestions)} verifications, one after the other.

| credentials | per second | MiB | bytes each | start, ms | cold p50, ms | cold p99, ms |
|--:|--:|--:|--:|--:|--:|--:|
${rows.join("\n")}

| to reach | | target | |
|---|--:|--:|---|
| bytes for each of ${count(largest?.size ?? 0)} | ${count(largest?.bytesEach ?? Number.NaN)} | ≤ ${count(bytesEachMax)} | ${verdict((largest?.bytesEach ?? Number.NaN) <= bytesEachMax)} |
| MiB with ${count(largest?.size ?? 0)} | ${count(largest?.mib ?? Number.NaN)} | < ${count(mibMax)} | ${verdict((largest?.mib ?? Number.NaN) < mibMax)} |
| verifications, the largest / the smallest | ${(median(last) / median(first)).toFixed(2)} | | |`,
});

async function measure(service: OneService, size: number): Promise<SizeResult> {
  const tokens = await loadTokens(service.databaseUrl, size);
  const tokenAt = (index: number) => tokens[(index * 7_919) % size] ?? "";
  const env = { MEMORY_ENTRIES_MAX: String(2 * size + 100_000), MEMORY_MIB_MAX: "8192" };
  const warm = await service.start(env);
  const before = await memoryOfTree(warm.pid);
  await learn(service, warm, tokens);
  const unary = connectUnary(warm.dataAddress ?? warm.address, await service.tokenOf("gateway")());
  const perSecond: number[] = [];
  await rate(unary.isValid, tokenAt);
  for (let slice = 0; slice < slices; slice++) perSecond.push(await rate(unary.isValid, tokenAt));
  unary.close();
  const after = await memoryOfTree(warm.pid);
  await warm.stop();
  const cold = await service.start(env);
  const coldMs = await timesOf(service, cold, tokenAt);
  await cold.stop();
  const bytesEach = ((after.rssMib - before.rssMib) * 2 ** 20) / size;
  return { size, perSecond, mib: after.rssMib, bytesEach, startedInMs: cold.startedInMs, coldMs };
}

/** Each of them is in the replica's memory then. */
async function learn(service: OneService, replica: Replica, tokens: readonly string[]): Promise<void> {
  using asking = createVerifier({
    addresses: replica.dataAddress ?? replica.address,
    token: service.tokenOf("gateway"),
    memory: { entriesMax: 0 },
    timeoutMs: 30_000,
  });
  for (let from = 0; from < tokens.length; from += 1_000) {
    const some = tokens.slice(from, from + 1_000).map((token) => asking.verifyAsync(token));
    for (const { result } of await Promise.all(some)) {
      if (result !== "valid") throw new Error(`a good token is ${result}`);
    }
  }
  // What it took to learn them is forgotten then.
  await delay(3_000);
}

async function rate(
  isValid: (token: string) => Promise<boolean>,
  tokenAt: (index: number) => string,
): Promise<number> {
  const startMs = performance.now();
  let done = 0;
  const caller = async () => {
    while (performance.now() - startMs < sliceMs) {
      if (!(await isValid(tokenAt(done++)))) throw new Error("a good token is refused");
    }
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
  return (done * 1_000) / (performance.now() - startMs);
}

async function timesOf(
  service: OneService,
  replica: Replica,
  tokenAt: (index: number) => string,
): Promise<readonly number[]> {
  const unary = connectUnary(replica.dataAddress ?? replica.address, await service.tokenOf("gateway")());
  const times: number[] = [];
  for (let index = 0; index < coldQuestions; index++) {
    const startMs = performance.now();
    if (!(await unary.isValid(tokenAt(index)))) throw new Error("a good token is refused");
    times.push(performance.now() - startMs);
  }
  unary.close();
  return times;
}
