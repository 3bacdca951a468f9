import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { isRunning } from "../processes.ts";
import { type NotedProcess, readRunFile } from "../run-file.ts";

const main = fileURLToPath(new URL("../../start.cjs", import.meta.url));

/** The line that tells a program that everything is ready. */
export interface ReadyLine {
  readonly services: Readonly<Record<string, string>>;
  readonly redis: string;
  readonly firstStart: boolean;
  readonly apiKey?: string;
}

/** A launcher as a process of its own. */
export interface LauncherProcess {
  readonly process: ChildProcess;
  /** Standard output so far. */
  readonly stdout: () => string;
  /** Standard error so far. */
  readonly stderr: () => string;
  /** Its exit code. */
  readonly exited: Promise<number | null>;
  /** Fails with what it said when it ends before. */
  ready(): Promise<ReadyLine>;
}

export function startLauncher(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): LauncherProcess {
  const { REDIS_URL: _, npm_lifecycle_event: __, ...inherited } = process.env;
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...inherited, ...environment },
  });
  const said = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (said.stdout += String(chunk)));
  child.stderr.on("data", (chunk) => (said.stderr += String(chunk)));
  const lines = createInterface({ input: child.stdout });
  const firstLine = once(lines, "line", { signal: AbortSignal.timeout(50_000) });
  firstLine.catch(() => {}); // Some launchers are not meant to get that far.
  const exited = once(child, "close").then(([code]) => (typeof code === "number" ? code : null));
  return {
    process: child,
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    exited,
    async ready() {
      const line = await Promise.race([firstLine, exited]);
      if (!Array.isArray(line)) throw new Error(`the launcher ended with ${line}:\n${said.stderr}`);
      return JSON.parse(String(line[0])) as ReadyLine;
    },
  };
}

/** What the launcher of the folder has started, while it runs. */
export async function startedProcesses(root: string): Promise<readonly NotedProcess[]> {
  return (await readRunFile(root))?.processes ?? [];
}

/** Those of the processes that still run. */
export async function runningOf(noted: readonly NotedProcess[]): Promise<readonly string[]> {
  const running = await Promise.all(noted.map(isRunning));
  return noted.filter((_, index) => running[index]).map(({ name }) => name);
}

/** A port that is free, and so are the next few in all likelihood. */
export async function freePortBase(): Promise<number> {
  for (;;) {
    const base = 20_000 + Math.floor(Math.random() * 10_000);
    const server = createServer().listen(base, "127.0.0.1");
    const isFree = await once(server, "listening").then(
      () => true,
      () => false,
    );
    server.close();
    if (isFree) return base;
  }
}
