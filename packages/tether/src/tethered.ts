import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { Readable } from "node:stream";
import { type Output, openOutput, readLines } from "./output.ts";
import { wrapperScript } from "./wrapper.ts";

/**
 * How the program is asked to stop. SIGINT only for programs that install a handler for it: sh starts its
 * background children with SIGINT ignored. (Postgres and Redis do install one.)
 */
export type TetherSignal = "SIGINT" | "SIGTERM";

export interface TetheredOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the program. Default: ours. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Run as this user; only root may. */
  readonly uid?: number;
  readonly gid?: number;
  readonly signal: TetherSignal;
  /** Whole seconds: killed outright when it still runs this long after it was asked to stop. Default 15. */
  readonly graceSeconds?: number;
  readonly stdout?: Output;
  readonly stderr?: Output;
}

/** How a program ended: with a code, or by a signal. A code above 128 is read as sh reports signals. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface Tethered {
  /** The program's own pid, not the wrapper's. */
  readonly pid: number;
  /** Resolves once the program has ended; never rejects. */
  readonly exited: Promise<Exit>;
  isRunning(): boolean;
  /** Asks it to stop, kills it after `timeoutMs`, and resolves once it has ended. May be repeated. */
  stop(timeoutMs: number): Promise<Exit>;
  kill(signal: NodeJS.Signals): void;
}

/**
 * Starts a program that can't outlive this process: when this process ends in any way, kill -9 included,
 * the program gets `signal`, and SIGKILL after the grace. It runs in a session of its own, so Ctrl-C in our
 * terminal doesn't reach it. A command that can't be run shows as an exit with code 126 or 127.
 */
export async function startTethered(options: TetheredOptions): Promise<Tethered> {
  const wrapper = spawnWrapper(options);
  const exited = exitOf(wrapper);
  const pid = await reportedPid(wrapper, exited);
  let running = wrapper.exitCode === null && wrapper.signalCode === null;
  wrapper.once("exit", () => {
    running = false;
  });
  const kill = (signal: NodeJS.Signals) => {
    // Once it is gone its pid may be somebody else's.
    if (running) signalIfAlive(pid, signal);
  };
  return {
    pid,
    exited,
    isRunning: () => running,
    kill,
    async stop(timeoutMs) {
      wrapper.stdin?.destroy();
      const timer = setTimeout(() => kill("SIGKILL"), timeoutMs);
      try {
        return await exited;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

function spawnWrapper(options: TetheredOptions): ChildProcess {
  const { command, args, signal, graceSeconds = 15, stdout = "ignore", stderr = "ignore" } = options;
  const out = openOutput(stdout);
  const err = openOutput(stderr);
  try {
    const wrapper = spawn(
      "/bin/sh",
      ["-c", wrapperScript, "tether", signal.slice(3), String(graceSeconds), command, ...args],
      {
        stdio: ["pipe", out.stdio, err.stdio, "pipe"],
        detached: true,
        env: options.env ?? process.env,
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        ...(options.uid === undefined ? {} : { uid: options.uid }),
        ...(options.gid === undefined ? {} : { gid: options.gid }),
      },
    );
    wrapper.stdin?.on("error", () => {}); // the wrapper ended first
    readLines(wrapper.stdout, stdout);
    readLines(wrapper.stderr, stderr);
    return wrapper;
  } finally {
    out.close();
    err.close();
  }
}

/** Rejects when not even the wrapper could be started (no such folder or user, say). */
async function reportedPid(wrapper: ChildProcess, exited: Promise<Exit>): Promise<number> {
  const report = wrapper.stdio[3];
  if (wrapper.pid === undefined || !(report instanceof Readable)) {
    const [error] = await once(wrapper, "error");
    throw error;
  }
  let text = "";
  for await (const chunk of report) text += String(chunk);
  const pid = Number.parseInt(text, 10);
  if (Number.isInteger(pid)) return pid;
  const { code, signal } = await exited;
  throw new Error(`The process wrapper ended (code ${code}, signal ${signal}) before it started the program`);
}

function exitOf(wrapper: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    wrapper.once("error", () => resolve({ code: null, signal: null }));
    wrapper.once("exit", (code, signal) => {
      // Ends the watcher, if the wrapper was killed and could not.
      wrapper.stdin?.destroy();
      resolve(
        code !== null && code > 128 ? { code: null, signal: signalName(code - 128) } : { code, signal },
      );
    });
  });
}

function signalName(number: number): string {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`;
}

function signalIfAlive(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
