import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import process from "node:process";

/** Below those that systems give to connections that are opened: one of them could take the port before it is used. */
const lowest = 20_000;
/** What is found here is used a moment later: files that run at the same time look in different places. */
const lanes = 4;
const laneSize = 3_000;
const first = lowest + (Number(process.env["VITEST_POOL_ID"] ?? 0) % lanes) * laneSize;
const triesMax = 1_000;

/** Ports on 127.0.0.1 that nothing listens on at this moment, each another one; all that are needed at once. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const found = new Set<number>();
  for (let tries = 0; found.size < count; tries++) {
    if (tries === triesMax) throw new Error("there are no free ports");
    const port = randomInt(first, first + laneSize);
    if (!found.has(port) && (await isFree(port))) found.add(port);
  }
  return [...found];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  await new Promise((resolve) => server.close(resolve));
  return true;
}
