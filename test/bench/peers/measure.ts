import process from "node:process";

export const warmUpMs = 1_500;
export const measureMs = 2_500;
/** Between two looks at the clock. */
const burstMs = 20;

/** What one peer did at one size, in a process of its own. */
export interface Measured {
  readonly perSecond: number;
  readonly rssMiB: number;
}

/** Asks as often as it can, one after the other, and prints how often that was. `ask` throws for a wrong answer. */
export async function measure(ask: (index: number) => void): Promise<void> {
  let index = 0;
  const runFor = async (ms: number) => {
    const [before, startMs] = [index, performance.now()];
    let size = 1;
    while (performance.now() - startMs < ms) {
      const burstAt = performance.now();
      for (let count = 0; count < size; count++) ask(index++);
      if (performance.now() - burstAt < burstMs) size *= 2;
      // What a server would do between requests.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return (index - before) / ((performance.now() - startMs) / 1_000);
  };
  await runFor(warmUpMs);
  report(await runFor(measureMs));
}

/** The same of something that answers later, with so many questions at once. */
export async function measureLater(
  ask: (index: number) => Promise<void>,
  concurrency: number,
): Promise<void> {
  let index = 0;
  const runFor = async (ms: number) => {
    const [before, startMs] = [index, performance.now()];
    const caller = async () => {
      while (performance.now() - startMs < ms) await ask(index++);
    };
    await Promise.all(Array.from({ length: concurrency }, caller));
    return (index - before) / ((performance.now() - startMs) / 1_000);
  };
  await runFor(warmUpMs);
  report(await runFor(measureMs));
}

/** What peers.ts reads. */
export function report(perSecond: number): void {
  const measured: Measured = { perSecond, rssMiB: process.memoryUsage.rss() / 2 ** 20 };
  process.stdout.write(`${JSON.stringify(measured)}\n`);
}
