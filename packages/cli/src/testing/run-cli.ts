import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../main.ts", import.meta.url));
/** Compiled once for all runs, as for a user. */
const compiled = fileURLToPath(new URL("../../../../node_modules/.cache/portcullis-cli", import.meta.url));

/** How a run of the command line ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a run is given beside its arguments. */
export interface Given {
  /** The whole of its environment but for PATH. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

/** Runs the real command line as a process of its own. */
export async function runCli(args: readonly string[], given: Given = {}): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...args], {
    env: {
      PATH: process.env["PATH"],
      HOME: "/nonexistent",
      NODE_COMPILE_CACHE: compiled,
      ...given.environment,
    },
  });
  child.stdin.on("error", () => {}); // it may not read at all
  child.stdin.end(given.stdin ?? "");
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { code, stdout, stderr };
}
