import { rm } from "node:fs/promises";
import { readIfThere, replaceFile } from "./files.ts";
import { paths } from "./paths.ts";
import { identify, type ProcessIdentity } from "./processes.ts";

export type NotedProcess = ProcessIdentity & { readonly name: string };

/** What a launcher notes about itself while it runs: for the next one, which may come after a crash. */
export interface RunFile {
  readonly launcher: number;
  readonly host: string;
  readonly portBase: number;
  readonly processes: readonly NotedProcess[];
}

/** Undefined when nothing runs and the last run ended in order. */
export async function readRunFile(root: string): Promise<RunFile | undefined> {
  const text = await readIfThere(paths.run(root)).catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return isRunFile(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isRunFile(value: unknown): value is RunFile {
  if (typeof value !== "object" || value === null) return false;
  const { launcher, host, portBase, processes } = value as Partial<Record<keyof RunFile, unknown>>;
  return (
    Number.isInteger(launcher) &&
    typeof host === "string" &&
    Number.isInteger(portBase) &&
    Array.isArray(processes) &&
    processes.every((entry: unknown) => isNotedProcess(entry))
  );
}

function isNotedProcess(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { name, pid, startedAt } = value as Partial<Record<"name" | "pid" | "startedAt", unknown>>;
  return typeof name === "string" && Number(pid) > 0 && typeof startedAt === "string";
}

export interface RunNotes {
  add(name: string, pid: number): Promise<void>;
  /** When all have ended. */
  remove(): Promise<void>;
}

export async function createRunNotes(root: string, host: string, portBase: number): Promise<RunNotes> {
  let run: RunFile = { launcher: process.pid, host, portBase, processes: [] };
  let lastWrite = Promise.resolve();
  const write = () => {
    lastWrite = lastWrite.then(() => replaceFile(paths.run(root), `${JSON.stringify(run)}\n`));
    return lastWrite;
  };
  await write();
  return {
    async add(name, pid) {
      const identity = await identify(pid);
      if (identity === undefined) return;
      run = { ...run, processes: [...run.processes, { name, ...identity }] };
      await write();
    },
    async remove() {
      await lastWrite;
      await rm(paths.run(root), { force: true });
    },
  };
}
