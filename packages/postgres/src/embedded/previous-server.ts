import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { EmbeddedPostgresError } from "./embedded-postgres-error.ts";

/** Beyond the largest pid of any system we run on. */
const noPid = 2_147_483_646;

/**
 * Stops the Postgres that still runs on these files, left over from an earlier start. A process that only
 * has the pid noted there, by chance, is left alone, and the note is changed: Postgres would take it for a
 * server. The note itself must stay, because Postgres finds its orphaned children by it.
 */
export async function stopPreviousServer(pgdata: string): Promise<void> {
  const file = join(pgdata, "postmaster.pid");
  const text = await readFile(file, "utf8").catch(() => "");
  const pid = Number.parseInt(text, 10);
  if (!(pid > 0) || !isAlive(pid)) return;
  if (!(await isServerOf(pid, pgdata))) {
    await writeFile(file, text.replace(/^.*/, String(noPid)));
    return;
  }
  for (const [signal, waitMs] of [
    ["SIGINT", 10_000],
    ["SIGQUIT", 5_000],
    ["SIGKILL", 2_000],
  ] as const) {
    send(pid, signal, pgdata);
    if (await isGoneWithin(pid, waitMs)) return;
  }
  throw cannotStop(pid, pgdata);
}

async function isServerOf(pid: number, pgdata: string): Promise<boolean> {
  const command = await commandLineOf(pid);
  return basename(command[0] ?? "") === "postgres" && command.includes(pgdata);
}

async function commandLineOf(pid: number): Promise<readonly string[]> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0");
  } catch {
    // No /proc on macOS.
    const ps = promisify(execFile)("ps", ["-ww", "-o", "command=", "-p", String(pid)]);
    const line = await ps.then(
      ({ stdout }) => stdout.trim(),
      () => "",
    );
    // `-D` is our first argument, see server.ts; the path may hold spaces.
    const [, program = "", path = ""] = /^(.*?) -D (.*?) -c /.exec(line) ?? [];
    return [program, path];
  }
}

async function isGoneWithin(pid: number, waitMs: number): Promise<boolean> {
  for (const end = Date.now() + waitMs; Date.now() < end; await delay(20)) {
    if (!isAlive(pid)) return true;
  }
  return !isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function send(pid: number, signal: NodeJS.Signals, pgdata: string): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw cannotStop(pid, pgdata, error);
  }
}

function cannotStop(pid: number, pgdata: string, cause?: unknown): EmbeddedPostgresError {
  const message = `Another Postgres (process ${pid}) runs on ${pgdata} and can't be stopped from here. Stop it, then start again.`;
  return new EmbeddedPostgresError("already_running", message, cause);
}
