import process from "node:process";
import { type Checker, type CheckQuestion, createChecker, type Subject } from "@portcullis/sdk";
import type { Measured } from "../load/load.ts";
import type { World } from "./worlds.ts";

/** Between two looks at the clock, and two turns of the event loop. */
const burst = 500;

const unknown = { serverSeconds: Number.NaN, generatorSeconds: Number.NaN, stolenSeconds: Number.NaN };

/** A program that has the SDK, and asks it what it remembers. */
export interface SdkHits extends Disposable {
  /** This process' time is all the SDK's. */
  measure(ms: number): Promise<Measured>;
}

export async function openSdkHits(
  address: string,
  token: () => Promise<string>,
  world: World,
): Promise<SdkHits> {
  const checker = createChecker({ addresses: address, token });
  const asked = Array.from({ length: world.principals }, (_, number) => {
    const { accountId, principalId, permissionId, isAllowed } = world.question(number);
    const subject: Subject = { accountId, principalId };
    const question: CheckQuestion = { permission: permissionId };
    return { subject, question, isAllowed };
  });
  for (const one of asked) await checker.checkAsync(one.subject, one.question);
  let next = 0;
  return {
    async measure(ms) {
      const missesBefore = checker.stats().misses;
      let calls = 0;
      const startMs = performance.now();
      const cpu = process.cpuUsage();
      while (performance.now() - startMs < ms) {
        for (let count = 0; count < burst; count++) {
          const one = asked[next++ % asked.length];
          if (one !== undefined) await requireRight(checker, one);
        }
        calls += burst;
        await new Promise((resolve) => setImmediate(resolve));
      }
      const { user, system } = process.cpuUsage(cpu);
      const seconds = (performance.now() - startMs) / 1_000;
      const misses = checker.stats().misses - missesBefore;
      if (misses > calls / 100) throw new Error(`${misses} of ${calls} were not answered from memory`);
      return { calls, seconds, cpuSeconds: (user + system) / 1e6, waits: unknown, latencies: [] };
    },
    [Symbol.dispose]: () => checker.close(),
  };
}

/** Without a wait where the answer is remembered. */
function requireRight(
  checker: Checker,
  one: { readonly subject: Subject; readonly question: CheckQuestion; readonly isAllowed: boolean },
): Promise<void> | undefined {
  const answer = checker.check(one.subject, one.question);
  const compare = (allowed: boolean) => {
    if (allowed !== one.isAllowed) throw new Error("the SDK answered wrongly");
  };
  if (answer instanceof Promise) return answer.then(({ allowed }) => compare(allowed));
  compare(answer.allowed);
  return undefined;
}
