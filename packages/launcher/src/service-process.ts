import { openSync, writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Output, startTethered } from "@portcullis/tether";
import { type Log, readable } from "./log-lines.ts";
import { paths } from "./paths.ts";
import type { Child } from "./supervisor.ts";

export interface ServiceProcessOptions {
  readonly root: string;
  readonly service: string;
  readonly log: Log;
  /** Of the service's folder: `main.ts` or `migrate.ts`. */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  /** Gets each line of the log as well, in words. */
  readonly onLogLine: ((name: string, line: string) => void) | undefined;
}

const repository = fileURLToPath(new URL("../../../", import.meta.url));
/** A small young generation: the services are idle most of the time here, and memory is what they share. */
const nodeFlags = ["--max-semi-space-size=1"];
/** A service cuts its calls off after this long when it is asked to stop. */
const shutdownGraceMs = 5_000;
/** And is killed after this long. */
const killAfterMs = 10_000;

/** Runs a script of a service as a process of its own. Its output goes to the service's log. */
export async function startServiceProcess(options: ServiceProcessOptions): Promise<Child> {
  const { root, service, log, script, env, onLogLine } = options;
  const output = outputTo(log.file, onLogLine && ((line) => onLogLine(service, readable(line))));
  const tethered = await startTethered({
    command: process.execPath,
    args: [...nodeFlags, `services/${service}/${script}`],
    cwd: repository,
    env: {
      ...process.env,
      NODE_COMPILE_CACHE: paths.compileCache(root),
      SHUTDOWN_GRACE_MS: String(shutdownGraceMs),
      ...env,
    },
    signal: "SIGTERM",
    graceSeconds: killAfterMs / 1_000,
    stdout: output,
    stderr: output,
  });
  return {
    name: service,
    pid: tethered.pid,
    log,
    exited: tethered.exited,
    stop: () => tethered.stop(killAfterMs),
    kill: () => tethered.kill("SIGKILL"),
  };
}

function outputTo(file: string, onLine: ((line: string) => void) | undefined): Output {
  if (onLine === undefined) return { appendTo: file };
  const descriptor = openSync(file, "a", 0o600);
  return (line) => {
    writeSync(descriptor, `${line}\n`);
    onLine(line);
  };
}
