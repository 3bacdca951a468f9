import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDataFolder } from "./data-folder.ts";
import { renderMarker } from "./marker.ts";
import { paths } from "./paths.ts";
import { identify } from "./processes.ts";
import { resetDataFolder } from "./reset.ts";
import { temporaryPath } from "./testing/temporary-folder.ts";

const never = new AbortController().signal;
const stop = { stop: never, hurry: never };
const consent = { given: true, terminal: false };

async function usedFolder(): Promise<string> {
  const root = await temporaryPath();
  await mkdir(join(paths.postgres(root), "pgdata"), { recursive: true });
  await writeFile(paths.marker(root), renderMarker("9.9.9"));
  await writeFile(paths.state(root), "{}");
  return root;
}

test("deletes everything but the lock, of a newer release, too", async () => {
  const root = await usedFolder();
  const folder = await openDataFolder(root);
  await resetDataFolder(folder, consent, stop);
  expect(await readdir(root)).toEqual(["lock"]);
  folder.lock.release();
});

test("deletes nothing unless somebody said so", async () => {
  const root = await usedFolder();
  const folder = await openDataFolder(root);
  await expect(resetDataFolder(folder, { given: false, terminal: false }, stop)).rejects.toThrow(
    expect.objectContaining({ exitCode: 2, message: expect.stringContaining("--yes") }),
  );
  expect(await readdir(root)).toContain("postgres");
  folder.lock.release();
});

test("deletes nothing in a folder without our marker", async () => {
  const root = await usedFolder();
  const folder = await openDataFolder(root);
  await writeFile(paths.marker(root), "{}");
  await expect(resetDataFolder(folder, consent, stop)).rejects.toThrow("portcullis.json");
  expect(await readdir(root)).toContain("postgres");
  folder.lock.release();
});

test("waits for a process that a killed run left", async () => {
  const root = await usedFolder();
  const orphan = spawn(process.execPath, ["-e", "setTimeout(() => {}, 300)"]);
  const ended = once(orphan, "exit");
  const identity = await identify(orphan.pid ?? 0);
  const run = { launcher: 1, host: "::1", portBase: 1, processes: [{ name: "identity", ...identity }] };
  await writeFile(paths.run(root), JSON.stringify(run));
  const folder = await openDataFolder(root);
  await resetDataFolder(folder, consent, stop);
  await ended;
  expect(await readdir(root)).toEqual(["lock"]);
  folder.lock.release();
});
