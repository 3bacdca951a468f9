import { spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { expect, onTestFinished, test } from "vitest";
import { endLeftovers } from "./leftovers.ts";
import { paths } from "./paths.ts";
import { identify, isRunning, type ProcessIdentity } from "./processes.ts";
import { temporaryPath } from "./testing/temporary-folder.ts";

async function folderThatNotes(identity: ProcessIdentity): Promise<string> {
  const root = await temporaryPath();
  await mkdir(root);
  const run = { launcher: 1, host: "::1", portBase: 1, processes: [{ name: "identity", ...identity }] };
  await writeFile(paths.run(root), JSON.stringify(run));
  return root;
}

async function sleeper(): Promise<ProcessIdentity> {
  const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60_000)"]);
  onTestFinished(() => void child.kill("SIGKILL"));
  const identity = await identify(child.pid ?? 0);
  if (identity === undefined) throw new Error("the process has ended");
  return identity;
}

test("kills what a killed run left and what doesn't end by itself", async () => {
  const identity = await sleeper();
  const root = await folderThatNotes(identity);
  let told = false;
  expect(await endLeftovers(root, () => (told = true), 100)).toEqual([]);
  expect(told).toBe(true);
  expect(await isRunning(identity)).toBe(false);
});

test("leaves a process alone that only has the pid by chance", async () => {
  const identity = await sleeper();
  const root = await folderThatNotes({ ...identity, startedAt: "another time" });
  expect(await endLeftovers(root, () => {}, 100)).toEqual([]);
  expect(await isRunning(identity)).toBe(true);
});

test("notes that were cut short are no reason not to start", async () => {
  const root = await temporaryPath();
  await mkdir(root);
  await writeFile(paths.run(root), '{"launcher":1,"proc');
  expect(await endLeftovers(root, () => {}, 100)).toEqual([]);
});
