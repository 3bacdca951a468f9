import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { freePorts } from "./support/free-port.ts";

const root = join(import.meta.dirname, "../..");

/** A command of the walk, and what the README says that it prints. */
interface Step {
  readonly command: string;
  readonly prints: string;
}

async function readWalk(): Promise<readonly Step[]> {
  const readme = await readFile(join(root, "README.md"), "utf8");
  const walk = readme.slice(readme.indexOf("<!-- walk:"), readme.indexOf("<!-- walk: end"));
  const lines = [...walk.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block = ""]) => block.trim().split("\n"));
  return lines.map((line) => {
    const [command = "", prints = ""] = line.split(/\s+# → /);
    return { command, prints };
  });
}

/** Runs the steps in one shell, as a reader does, and gives what each of them printed on either stream. */
async function runInOneShell(
  steps: readonly Step[],
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<readonly string[]> {
  const mark = "=== end of step ===";
  const script = steps.map(({ command }) => `${command} 2>&1\necho "${mark}"`).join("\n");
  const output = await new Promise<string>((resolve) => {
    execFile("/bin/bash", ["-c", script], { env, cwd }, (_error, stdout) => resolve(stdout));
  });
  return output.split(mark);
}

interface Ready {
  readonly apiKey: string;
  readonly services: Readonly<Record<string, string>>;
}

test("the README's walk does what it says, with the key that npm start prints", async () => {
  const folder = await mkdtemp(join(tmpdir(), "portcullis-walk-"));
  const portBase = await threeFreePorts();
  const start = [
    "start",
    "--silent",
    "--",
    "--json",
    "--data",
    join(folder, "data"),
    "--port-base",
    String(portBase),
  ];
  const launcher = spawn("npm", start, { cwd: root, stdio: ["ignore", "pipe", "inherit"], detached: true });
  try {
    const ready = await firstLine(launcher.stdout);
    const { apiKey, services } = JSON.parse(ready) as Ready;
    const env = {
      ...process.env,
      PORTCULLIS_CONFIG: join(folder, "none.json"),
      XDG_CACHE_HOME: folder,
      PORTCULLIS_API_KEY: apiKey,
      PORTCULLIS_IDENTITY_URL: services["identity"],
      PORTCULLIS_AUTHORIZATION_URL: services["authorization"],
      PORTCULLIS_CREDENTIAL_URL: services["credential"],
    };
    // `npx portcullis` finds it there, and ssh-keygen leaves its files elsewhere than in the tree.
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
    const steps = await readWalk();
    expect(steps.length).toBeGreaterThan(15);
    const printed = await runInOneShell(steps, env, folder);
    for (const [index, { command, prints }] of steps.entries()) {
      // As a word of its own: «active» is not in «inactive».
      const said = new RegExp(String.raw`(?<![\w-])${RegExp.escape(prints)}`);
      expect({ command, output: printed[index] }).toEqual({ command, output: expect.stringMatching(said) });
    }
  } finally {
    if (launcher.pid !== undefined && launcher.exitCode === null) {
      // npm may end before the launcher has stopped everything; the pipe closes with the last of them.
      const ended = new Promise((resolve) => launcher.once("close", resolve));
      process.kill(-launcher.pid, "SIGTERM");
      launcher.stdout.resume();
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  }
}, 300_000);

async function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: stream })) return line;
  throw new Error("npm start ended without a word");
}

/** The launcher takes ports in a row. */
async function threeFreePorts(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const [base = 0] = await freePorts(1);
    if (base < 60_000) return base;
  }
  throw new Error("no free ports");
}
