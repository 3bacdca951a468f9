import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../../", import.meta.url));

/** An installation that was started as a user starts it, with `npm start`. */
export interface Installation {
  /** Of npm, which is above everything else. */
  readonly pid: number;
  /** From npm's start to the line that says ready. */
  readonly seconds: number;
  stop(): Promise<void>;
}

export async function startInstallation(folder: string): Promise<Installation> {
  const args = ["--silent", "start", "--", "--json", `--data=${folder}`, `--port-base=${await freePorts(4)}`];
  const startedAt = performance.now();
  const npm = spawn("npm", args, { cwd: repository, stdio: ["ignore", "pipe", "inherit"] });
  const launcher = await launcherPid(npm);
  const seconds = (performance.now() - startedAt) / 1000;
  if (npm.pid === undefined) throw new Error("npm has no process id");
  return {
    pid: npm.pid,
    seconds,
    async stop() {
      const ended = once(npm, "exit");
      process.kill(launcher, "SIGTERM");
      await ended;
    },
  };
}

/** From the line that says ready. */
async function launcherPid({ stdout }: ChildProcess): Promise<number> {
  if (stdout === null) throw new Error("npm's output is not piped");
  for await (const line of createInterface({ input: stdout })) {
    if (line.startsWith('{"ready":true')) return (JSON.parse(line) as { pid: number }).pid;
  }
  throw new Error("npm start ended before it was ready");
}

/** The first of so many ports in a row that are free at this moment. */
async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 10_000);
    const free = await Promise.all(Array.from({ length: count }, (_, offset) => isFree(first + offset)));
    if (free.every(Boolean)) return first;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
    return (server.address() as AddressInfo).port === port;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
