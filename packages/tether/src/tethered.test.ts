import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { startTethered } from "./index.ts";

/** Nobody makes it: a home of nobody's can come to be. */
const nowhere = join(tmpdir(), randomUUID(), "nowhere");
const graceful =
  "process.on('SIGTERM', () => { console.log('asked'); process.exit(7) }); console.log('up'); setInterval(() => {}, 1e6)";
const deaf = "process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1e6)";

function startNode(script: string) {
  const lines: string[] = [];
  const started = startTethered({
    command: process.execPath,
    args: ["-e", script],
    signal: "SIGTERM",
    stdout: (line) => lines.push(line),
  });
  return { started, lines };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("stop asks first, and tells how the program ended", async () => {
  const { started, lines } = startNode(graceful);
  const tethered = await started;
  await vi.waitFor(() => expect(lines).toContain("up"));
  expect(await tethered.stop(5_000)).toEqual({ code: 7, signal: null });
  expect(isAlive(tethered.pid)).toBe(false);
  await vi.waitFor(() => expect(lines).toContain("asked"));
  expect(await tethered.stop(1)).toEqual({ code: 7, signal: null });
});

test("stop kills a program that doesn't listen", async () => {
  const { started, lines } = startNode(deaf);
  const tethered = await started;
  await vi.waitFor(() => expect(lines).toContain("up"));
  expect(await tethered.stop(50)).toEqual({ code: null, signal: "SIGKILL" });
});

test("tells when the program ends by itself", async () => {
  const tethered = await startNode("process.exit(3)").started;
  expect(await tethered.exited).toEqual({ code: 3, signal: null });
});

test("a command that can't be run ends with 127", async () => {
  const tethered = await startTethered({ command: nowhere, args: [], signal: "SIGTERM" });
  expect(await tethered.exited).toEqual({ code: 127, signal: null });
});

test("rejects when the working directory is missing", async () => {
  const starting = startTethered({ command: "true", args: [], cwd: nowhere, signal: "SIGTERM" });
  await expect(starting).rejects.toThrow("ENOENT");
});

test("the program ends when this process is killed with -9", async () => {
  const module = fileURLToPath(new URL("./index.ts", import.meta.url));
  const parentScript = `
    const { startTethered } = await import(${JSON.stringify(module)});
    const t = await startTethered({ command: process.execPath, args: ["-e", ${JSON.stringify(graceful)}], signal: "SIGTERM",
      stdout: () => console.log(t.pid) });
    setInterval(() => {}, 1e6)`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", parentScript], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface({ input: parent.stdout }), "line");
  const pid = Number(line);
  expect(isAlive(pid)).toBe(true);
  parent.kill("SIGKILL");
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 5_000, interval: 20 });
});
