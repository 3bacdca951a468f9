// What a verification costs with the SDK, on one core: answered from its memory, the lease looked at each time,
// beside a unary VerifyToken over gRPC and one over the SDK's stream, with the same service in the same run. Every
// answer is looked at. Takes about half a minute.
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { createVerifier, type Verifier } from "@portcullis/sdk";
import { median, spread } from "./figures.ts";
import { loadTokens } from "./load-tokens.ts";
import { prepareService } from "./one-service.ts";
import { connectUnary } from "./unary-verify.ts";

const rounds = 5;
const roundMs = 1_500;
const tokenCounts = [1_000, 10_000];
const concurrency = 64;
/** What the design asks for: hits a second against unary calls a second. */
const ratioMin = 12;

const service = await prepareService("credential");
try {
  const tokens = await loadTokens(service.databaseUrl, Math.max(...tokenCounts));
  const { address, dataAddress = address } = await service.start();
  const { tokenOf } = service;
  using verifier = createVerifier({ addresses: dataAddress, token: tokenOf("gateway") });
  while (!verifier.stats().isFollowing) await delay(10);

  const unary = connectUnary(dataAddress, await tokenOf("gateway")());
  const tokenAt = (index: number) => tokens[index % tokens.length] ?? "";
  const unaryRates: number[] = [];
  const streamRates: number[] = [];
  const hitRates = new Map<number, number[]>(tokenCounts.map((count) => [count, []]));
  using asking = createVerifier({
    addresses: dataAddress,
    token: tokenOf("gateway"),
    memory: { entriesMax: 0 },
  });
  for (let round = 0; round < rounds; round++) {
    unaryRates.push(await rate((index) => unary.isValid(tokenAt(index))));
    streamRates.push(
      await rate(async (index) => (await asking.verifyAsync(tokenAt(index))).result === "valid"),
    );
    for (const [count, rates] of hitRates) rates.push(await hitRate(verifier, tokens.slice(0, count)));
  }
  unary.close();
  report("unary VerifyToken, gRPC (grpc-js client)", unaryRates);
  report(`VerifyStream of the SDK, ${concurrency} at a time`, streamRates);
  for (const [count, rates] of hitRates) {
    report(`SDK hit, ${count} tokens, lease looked at`, rates);
    const ratio = median(rates) / median(unaryRates);
    console.log(`  ${ratio.toFixed(0)} × unary (at least ${ratioMin} is asked for)`);
    if (ratio < ratioMin) process.exitCode = 1;
  }
} finally {
  await service.close();
}

/** Verifications a second of this process, one core, in bursts between which the event loop runs. */
async function hitRate(verifier: Verifier, tokens: readonly string[]): Promise<number> {
  for (const token of tokens) await verifier.verify(token);
  const before = verifier.stats();
  let done = 0;
  let busyMs = 0;
  let lastMs = performance.now();
  const endMs = lastMs + roundMs;
  // As from a request's header: texts that were never looked up before, so that nothing of them is known yet.
  let fresh = copies(tokens.slice(0, 500));
  for (let from = 500; performance.now() < endMs; from = (from + 500) % tokens.length) {
    lastMs = performance.now();
    for (const token of fresh) {
      const answer = verifier.verify(token);
      if (answer instanceof Promise) await answer;
      else if (answer.result !== "valid") throw new Error(`${answer.result} from memory`);
    }
    busyMs += performance.now() - lastMs;
    done += fresh.length;
    fresh = copies(tokens.slice(from, from + 500));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const hits = verifier.stats().hits - before.hits;
  if (hits < done * 0.99) throw new Error(`${done - hits} of ${done} were not answered from memory`);
  return done / (busyMs / 1_000);
}

function copies(tokens: readonly string[]): readonly string[] {
  return tokens.map((token) => Buffer.from(token).toString("latin1"));
}

/** Calls a second with so many in flight. */
async function rate(isValid: (index: number) => Promise<boolean>): Promise<number> {
  const endMs = performance.now() + roundMs;
  const startMs = performance.now();
  let done = 0;
  const caller = async () => {
    while (performance.now() < endMs) {
      if (!(await isValid(done++))) throw new Error("a good token is refused");
    }
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
  return done / ((performance.now() - startMs) / 1_000);
}

function report(name: string, rates: readonly number[]): void {
  console.log(`${name}: ${spread(rates, 0)}/s`);
}
