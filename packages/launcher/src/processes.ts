import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** A process that can be told from a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** As the system tells it; only good for comparing. */
  readonly startedAt: string;
}

/** Undefined when there is no such process, or it has ended and only waits to be reaped. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const startedAt = process.platform === "linux" ? await startOnLinux(pid) : await startByPs(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

export async function isRunning({ pid, startedAt }: ProcessIdentity): Promise<boolean> {
  return (await identify(pid))?.startedAt === startedAt;
}

async function startOnLinux(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The name, in brackets, may hold anything. After it come the state and, as the 20th, the start in ticks since boot.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return text === "" || fields[0] === "Z" ? undefined : `${await bootId()} ${fields[19]}`;
}

async function bootId(): Promise<string> {
  return await readFile("/proc/sys/kernel/random/boot_id", "utf8").then(
    (text) => text.trim(),
    () => "",
  );
}

async function startByPs(pid: number): Promise<string | undefined> {
  const ps = promisify(execFile)("ps", ["-o", "state=,lstart=", "-p", String(pid)]);
  const line = await ps.then(
    ({ stdout }) => stdout.trim(),
    () => "",
  );
  return line === "" || line.startsWith("Z") ? undefined : line.replace(/^\S+\s+/, "");
}
