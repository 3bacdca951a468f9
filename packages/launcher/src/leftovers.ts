import { setTimeout as delay } from "node:timers/promises";
import { isRunning } from "./processes.ts";
import { type NotedProcess, readRunFile } from "./run-file.ts";

/** Longer than a wrapper leaves its program to end by itself. */
const graceMs = 12_000;
const postgresGraceMs = 35_000;

/**
 * After a launcher was killed, what it had started ends by itself, but not at once. Waits for that, kills
 * what takes too long, and returns the names of what runs even then. Postgres is never killed here.
 */
export async function endLeftovers(
  root: string,
  onWait: () => void,
  waitMs = graceMs,
): Promise<readonly string[]> {
  const noted = (await readRunFile(root))?.processes ?? [];
  let left = await runningOf(noted);
  if (left.length > 0) onWait();
  left = await waitFor(left, waitMs);
  for (const { name, pid } of left) if (name !== "postgres") kill(pid);
  left = await waitFor(left, left.some(({ name }) => name === "postgres") ? postgresGraceMs : 2_000);
  return left.map(({ name }) => name);
}

async function waitFor(noted: readonly NotedProcess[], waitMs: number): Promise<readonly NotedProcess[]> {
  let left = noted;
  for (const end = Date.now() + waitMs; left.length > 0 && Date.now() < end; await delay(50)) {
    left = await runningOf(left);
  }
  return left;
}

async function runningOf(noted: readonly NotedProcess[]): Promise<readonly NotedProcess[]> {
  const running = await Promise.all(noted.map(isRunning));
  return noted.filter((_, index) => running[index]);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has just ended, or is somebody else's, and then the port check tells.
  }
}
