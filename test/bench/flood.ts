// What others notice when somebody floods a replica: a service that asks at half of the highest load, while another one
// sends garbage, unknown tokens, huge batches, opens connections or streams without end. How many of the good calls are
// answered, how late, what the flood is told, and what memory it leaves. `npm run bench -- flood`; takes two minutes.
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { count, quantile } from "./figures.ts";
import { type FloodKind, type FloodSettings, floodKinds, type Outcomes } from "./flood/kinds.ts";
import { loadTokens } from "./load-tokens.ts";
import { prepareService, type Replica } from "./one-service.ts";
import { memoryOfTree } from "./process-memory.ts";
import { publish } from "./publish.ts";
import { connectUnary, type UnaryVerify } from "./unary-verify.ts";

interface Good {
  /** Answered in time, of all that were sent. */
  readonly share: number;
  readonly ms: readonly number[];
}

interface Flooded extends Good {
  readonly kind: FloodKind;
  readonly outcomes: Outcomes;
  readonly mibBefore: number;
  readonly mibAfter: number;
}

const seconds = 6;
const callers = 32;
/** Of the highest load. */
const part = 0.5;
/** A call that takes longer is of no use to who asked. */
const lateMs = 1_000;
const tickMs = 5;
const shareMin = 0.8;
const mibMax = 256;

const service = await prepareService("credential");
try {
  const tokens = await loadTokens(service.databaseUrl, 1_000);
  const replica = await service.start();
  const good = connectUnary(replica.dataAddress ?? replica.address, await service.tokenOf("gateway")());
  const tokenAt = (index: number) => tokens[index % tokens.length] ?? "";
  await highest(good, tokenAt);
  const rate = part * (await highest(good, tokenAt));
  const quiet = await ask(good, tokenAt, rate);
  console.log(`${count(rate)}/s without a flood: ${told(quiet)}`);
  const results: Flooded[] = [];
  for (const kind of floodKinds) {
    const result = await flooded(replica, kind, () => ask(good, tokenAt, rate));
    results.push(result);
    console.log(`${kind}: ${told(result)}; ${toldOf(result.outcomes)}`);
  }
  good.close();
  await report(rate, quiet, results);
} finally {
  await service.close();
}

async function flooded(replica: Replica, kind: FloodKind, askGood: () => Promise<Good>): Promise<Flooded> {
  const mibBefore = (await memoryOfTree(replica.pid)).rssMib;
  const [host = "", port = ""] = (replica.dataAddress ?? replica.address).split(":");
  const bearer = await service.tokenOf("authorization")();
  const settings: FloodSettings = { kind, host, port: Number(port), bearer };
  const flooder = fork(join(import.meta.dirname, "flood/flooder.ts"), [JSON.stringify(settings)]);
  await delay(1_500);
  const good = await askGood();
  const ending = once(flooder, "message");
  flooder.send("stop");
  // It tells nothing else.
  const [outcomes] = (await ending) as [Outcomes];
  await once(flooder, "exit");
  await delay(1_000);
  return { ...good, kind, outcomes, mibBefore, mibAfter: (await memoryOfTree(replica.pid)).rssMib };
}

async function highest(good: UnaryVerify, tokenAt: (index: number) => string): Promise<number> {
  const startMs = performance.now();
  let done = 0;
  const caller = async () => {
    while (performance.now() - startMs < 2_000) {
      if (!(await good.isValid(tokenAt(done++)))) throw new Error("a good token is refused");
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return (done * 1_000) / (performance.now() - startMs);
}

/** At that pace, whatever the answers take; throws for a wrong one. */
async function ask(good: UnaryVerify, tokenAt: (index: number) => string, rate: number): Promise<Good> {
  const ms: number[] = [];
  let [sent, inTime] = [0, 0];
  const underWay = new Set<Promise<void>>();
  const one = async (token: string) => {
    const startMs = performance.now();
    const isValid = await good.isValid(token).catch(() => undefined);
    if (isValid === false) throw new Error("a good token is refused");
    const tookMs = performance.now() - startMs;
    ms.push(tookMs);
    if (isValid === true && tookMs <= lateMs) inTime++;
  };
  const startMs = performance.now();
  while (performance.now() - startMs < seconds * 1_000) {
    for (const due = ((performance.now() - startMs) / 1_000) * rate; sent < due; sent++) {
      const call = one(tokenAt(sent)).finally(() => underWay.delete(call));
      underWay.add(call);
    }
    await delay(tickMs);
  }
  await Promise.all(underWay);
  return { share: inTime / sent, ms };
}

function told({ share, ms }: Good): string {
  return `${(100 * share).toFixed(1)} % in time, p50 ${quantile(ms, 0.5).toFixed(1)} ms, p99 ${quantile(ms, 0.99).toFixed(1)} ms`;
}

function toldOf(outcomes: Outcomes): string {
  return Object.entries(outcomes)
    .map(([outcome, times]) => `${outcome} ${count(times)}`)
    .join(", ");
}

async function report(rate: number, quiet: Good, results: readonly Flooded[]): Promise<void> {
  const row = (name: string, good: Good, rest: string) =>
    `| ${name} | ${(100 * good.share).toFixed(1)} % | ${quantile(good.ms, 0.5).toFixed(1)} | ${quantile(good.ms, 0.99).toFixed(1)} | ${rest} |`;
  const rows = results.map((result) => {
    const { kind, share, mibBefore, mibAfter, outcomes } = result;
    const isMet = share >= shareMin && mibAfter - mibBefore < mibMax;
    return row(
      kind,
      result,
      `${count(mibAfter - mibBefore)} | ${toldOf(outcomes)} | ${isMet ? "met" : "**missed**"}`,
    );
  });
  await publish("flood", {
    raw: { rate, quiet, results },
    markdown: `## Floods

One replica, its data plane. A service asks for ${count(rate)} good tokens a second (half of its highest load) for ${seconds} s, while another process floods, 32 calls at once or 2,000 connections or streams. In time is within ${count(lateMs)} ms; at least ${100 * shareMin} % is asked for, and that less than ${mibMax} MiB are left. Flood, good calls and replica share the machine's processors.

| flood | good calls in time | p50, ms | p99, ms | MiB more | the flood was told | |
|---|--:|--:|--:|--:|---|---|
${row("none", quiet, "– | – | ")}
${rows.join("\n")}`,
  });
}
