// One, two and four replicas of credential behind the SDK's balancing, its memory turned off: verifications a second,
// what each costs the replicas, and whether all of them take part. `npm run bench -- replicas`; takes a minute. More
// replicas than processors can't be faster; that each verification costs the same is what scaling asks for.
import { createVerifier } from "@portcullis/sdk";
import { count, median, spread } from "./figures.ts";
import { loadTokens } from "./load-tokens.ts";
import { type OneService, prepareService, type Replica } from "./one-service.ts";
import { cpuSecondsOf } from "./process-cpu.ts";
import { publish } from "./publish.ts";

interface Slice {
  readonly perSecond: number;
  readonly cpuMicrosEach: number;
  /** Of the replicas' processor time, the part of the one that did least. */
  readonly leastShare: number;
}

const numbers = [1, 2, 4];
const rounds = 3;
const sliceMs = 2_500;
const callers = 256;
const tokenCount = 10_000;

const service = await prepareService("credential");
const slices = new Map<number, Slice[]>(numbers.map((number) => [number, []]));
try {
  const tokens = await loadTokens(service.databaseUrl, tokenCount);
  for (let round = 0; round < rounds; round++) {
    for (const number of round % 2 === 0 ? numbers : numbers.toReversed()) {
      const slice = await measure(service, tokens, number);
      slices.get(number)?.push(slice);
      console.log(
        `${round + 1}/${rounds} ${number} replicas: ${count(slice.perSecond)}/s, ${slice.cpuMicrosEach.toFixed(1)} µs each`,
      );
    }
  }
} finally {
  await service.close();
}
const rows = [...slices].map(([number, all]) => {
  const cells = [
    spread(
      all.map(({ perSecond }) => perSecond),
      0,
    ),
    spread(
      all.map(({ cpuMicrosEach }) => cpuMicrosEach),
      1,
    ),
    `${(100 * median(all.map(({ leastShare }) => leastShare))).toFixed(0)} %`,
  ];
  return `| ${number} | ${cells.join(" | ")} |`;
});
await publish("replicas", {
  raw: Object.fromEntries(slices),
  markdown: `## Replicas behind the SDK's balancing

The SDK with its memory turned off, ${callers} callers at once in one process, ${count(tokenCount)} credentials, ${rounds} rounds of new processes; median (least – most). Processor time is the replicas'. The machine's processors are shared by replicas and callers.

| replicas | per second | µs each | least busy replica's part |
|--:|--:|--:|--:|
${rows.join("\n")}`,
});

async function measure(of: OneService, tokens: readonly string[], number: number): Promise<Slice> {
  const replicas = await Promise.all(Array.from({ length: number }, () => of.start()));
  try {
    using asking = createVerifier({
      addresses: replicas.map(({ address, dataAddress = address }) => dataAddress),
      token: of.tokenOf("gateway"),
      memory: { entriesMax: 0 },
    });
    let next = 0;
    const runFor = async (ms: number) => {
      const [before, startMs] = [next, performance.now()];
      const caller = async () => {
        while (performance.now() - startMs < ms) {
          const { result } = await asking.verifyAsync(tokens[next++ % tokens.length] ?? "");
          if (result !== "valid") throw new Error(`a good token is ${result}`);
        }
      };
      await Promise.all(Array.from({ length: callers }, caller));
      return { done: next - before, seconds: (performance.now() - startMs) / 1_000 };
    };
    await runFor(sliceMs);
    const before = await cpuOf(replicas);
    const { done, seconds } = await runFor(sliceMs);
    const used = (await cpuOf(replicas)).map((after, index) => after - (before[index] ?? 0));
    const sum = used.reduce((total, one) => total + one, 0);
    return {
      perSecond: done / seconds,
      cpuMicrosEach: (sum / done) * 1e6,
      leastShare: Math.min(...used) / sum,
    };
  } finally {
    await Promise.all(replicas.map((replica) => replica.stop()));
  }
}

function cpuOf(replicas: readonly Replica[]): Promise<readonly number[]> {
  return Promise.all(replicas.map(({ pid }) => cpuSecondsOf(pid)));
}
