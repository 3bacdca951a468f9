// What the number of credentials does to a verification, to the memory of a replica, and to a replica that has just
// started: 1,000, 100,000 and 1,000,000 credentials, of a service user each. `npm run bench -- sizes`, or
// `node test/bench/sizes.ts --sizes=1000,100000`; takes about a quarter of an hour, most of it to learn a million, and 4 GiB.
import { parseArgs } from "node:util";
import { count, median, quantile, spread } from "./figures.ts";
import { Generator } from "./load/generator.ts";
import { grpcPlan } from "./load/plans.ts";
import { loadTokens } from "./load-tokens.ts";
import { type OneService, prepareService, type Replica } from "./one-service.ts";
import { publish } from "./publish.ts";
import { startRemembering } from "./sizes/remembering-replica.ts";
import { learn, type Verifying, verificationsOf } from "./sizes/verifications.ts";

interface SizeResult {
  readonly size: number;
  /** Processor time of the replica for a verification, of tokens all over the memory, in each slice. */
  readonly microsEach: readonly number[];
  readonly perSecond: readonly number[];
  /** To learn all of them. */
  readonly learntInMs: number;
  /** What it keeps for each, by its heap and what is beside it, after garbage was collected. */
  readonly bytesEach: number;
  /** Of the process then. */
  readonly mib: number;
  readonly startedInMs: number;
  /** Of a replica that has just started, one after the other. */
  readonly coldMs: readonly number[];
}

const { values: options } = parseArgs({
  options: { sizes: { type: "string", default: "1000,100000,1000000" } },
});
const load = { mode: "unary", connections: 4, concurrency: 16 } as const;
const slices = 5;
const sliceMs = 1_000;
/** Different ones that are asked for again and again, all over the memory. */
const askedMax = 50_000;
const coldQuestions = 1_000;
/** Before memory is looked at first. */
const learntBefore = 1_000;
const bytesEachMax = 1_024;
const mibMax = 1.2 * 1_024;

const results: SizeResult[] = [];
for (const size of options.sizes.split(",").map(Number)) {
  const service = await prepareService("credential");
  try {
    const result = await measure(service, size);
    results.push(result);
    console.log(
      `${count(size)}: ${spread(result.microsEach, 1)} µs each; learnt in ${count(result.learntInMs)} ms; ${count(result.mib)} MiB, ${size > learntBefore ? count(result.bytesEach) : "–"} bytes for each; started in ${count(result.startedInMs)} ms, then ${median(result.coldMs).toFixed(1)} ms each`,
    );
  } finally {
    await service.close();
  }
}

const largest = results.at(-1);
const [first, last] = [results[0]?.microsEach ?? [], largest?.microsEach ?? []];
const rows = results.map((result) => {
  const { size, microsEach, perSecond, learntInMs, bytesEach, mib, startedInMs, coldMs } = result;
  const cells = [
    count(size),
    spread(microsEach, 1),
    spread(perSecond, 0),
    count(learntInMs),
    size > learntBefore ? count(bytesEach) : "–",
    count(mib),
    count(startedInMs),
    median(coldMs).toFixed(2),
    quantile(coldMs, 0.99).toFixed(2),
  ];
  return `| ${cells.join(" | ")} |`;
});
const verdict = (isMet: boolean) => (isMet ? "met" : "**missed**");
await publish("sizes", {
  raw: results,
  markdown: `## The number of credentials

All of them in the memory of one replica, which has room for them (\`MEMORY_ENTRIES_MAX\`, \`MEMORY_MIB_MAX\`); up to ${count(askedMax)} of them, all over that memory, asked for unary on the data plane, 64 at once, by the same generator as in the other sections, ${slices} slices of ${sliceMs / 1_000} s; median (least – most). Every answer is compared with the one that must come.

Learnt: all of them, in batches of 1,000, from Postgres. Bytes each: what the main thread's heap and what is beside it (\`heapUsed\` + \`external\`) have grown by since before, both times after garbage was collected by force, for each credential; up to 100,000 last uses that wait to be written are in it. MiB: of the process then. Then a replica that has just started: until it listens, and its first ${count(coldQuestions)} verifications, one after the other.

| credentials | µs each | per second | learnt, ms | bytes each | MiB | start, ms | cold p50, ms | cold p99, ms |
|--:|--:|--:|--:|--:|--:|--:|--:|--:|
${rows.join("\n")}

| to reach | | target | |
|---|--:|--:|---|
| bytes for each of ${count(largest?.size ?? 0)} | ${count(largest?.bytesEach ?? Number.NaN)} | ≤ ${count(bytesEachMax)} | ${verdict((largest?.bytesEach ?? Number.NaN) <= bytesEachMax)} |
| MiB with ${count(largest?.size ?? 0)} | ${count(largest?.mib ?? Number.NaN)} | < ${count(mibMax)} | ${verdict((largest?.mib ?? Number.NaN) < mibMax)} |
| processor time, the largest / the smallest | ${(median(last) / median(first)).toFixed(2)} | | |`,
});

async function measure(service: OneService, size: number): Promise<SizeResult> {
  const tokens = await loadTokens(service.databaseUrl, size);
  const asked = Array.from(
    { length: Math.min(size, askedMax) },
    (_, index) => tokens[(index * 7_919) % size] ?? "",
  );
  const warm = await startRemembering(service, size);
  const to = verifying(service, warm);
  // Whatever the first ones bring with them is not theirs.
  await learn(to, tokens.slice(0, learntBefore));
  const before = await warm.memory();
  const startMs = performance.now();
  await learn(to, tokens);
  const learntInMs = performance.now() - startMs;
  const after = await warm.memory();
  const { microsEach, perSecond } = await loadWith(to, asked, warm);
  await warm.stop();
  const cold = await startRemembering(service, size);
  const { times: coldMs } = await verificationsOf(verifying(service, cold), asked.slice(0, coldQuestions));
  await cold.stop();
  const bytesEach = (after.kept - before.kept) / (size - learntBefore);
  const { startedInMs } = cold;
  return {
    size,
    microsEach,
    perSecond,
    learntInMs,
    bytesEach,
    mib: after.rss / 2 ** 20,
    startedInMs,
    coldMs,
  };
}

function verifying({ tokenOf }: OneService, { address, dataAddress = address }: Replica): Verifying {
  return { port: Number(dataAddress.split(":")[1]), bearer: tokenOf("gateway") };
}

async function loadWith(to: Verifying, asked: readonly string[], { pid }: Replica) {
  const { messages } = await verificationsOf(to, asked);
  const path = "/portcullis.credential.v1.VerificationService/VerifyToken";
  const generator = new Generator();
  try {
    generator.connect("all", await grpcPlan({ ...to, path }, messages, { ...load, serverPid: pid }));
    await generator.load("all", 2 * sliceMs);
    const measured = [];
    for (let slice = 0; slice < slices; slice++) measured.push(await generator.load("all", sliceMs));
    return {
      microsEach: measured.map(({ cpuSeconds, calls }) => (cpuSeconds * 1e6) / calls),
      perSecond: measured.map(({ calls, seconds }) => calls / seconds),
    };
  } finally {
    generator.close();
  }
}
