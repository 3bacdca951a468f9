import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { claim, openDataFolder } from "./data-folder.ts";
import { renderMarker } from "./marker.ts";
import { paths } from "./paths.ts";
import { temporaryPath } from "./testing/temporary-folder.ts";

async function claimed(root: string, release: string): Promise<void> {
  const folder = await openDataFolder(root);
  try {
    await claim(folder, release);
  } finally {
    folder.lock.release();
  }
}

test("makes the folder, closed to others, and knows it again", async () => {
  const root = join(await temporaryPath(), "deep", "down");
  await claimed(root, "0.1.0");
  expect((await stat(root)).mode & 0o066).toBe(0);
  expect((await stat(paths.lock(root))).mode & 0o077).toBe(0);
  await claimed(root, "0.1.0");
});

test("takes a folder that a first start left before it had marked it", async () => {
  const root = await temporaryPath();
  (await openDataFolder(root)).lock.release();
  expect(await readdir(root)).toEqual(["lock"]);
  await claimed(root, "0.1.0");
});

test("leaves a folder with other files as it is", async () => {
  const root = await temporaryPath();
  await mkdir(root);
  await writeFile(join(root, "thesis.txt"), "");
  await expect(openDataFolder(root)).rejects.toThrow(/not from Portcullis \(thesis\.txt\).*--data/);
  expect(await readdir(root)).toEqual(["thesis.txt"]);
});

test.each(["", "{", "null", '{"product":"other","release":"0.1.0"}', '{"product":"portcullis data folder"}'])(
  "refuses a folder with the damaged marker %j",
  async (text) => {
    const root = await temporaryPath();
    await mkdir(root);
    await writeFile(paths.marker(root), text);
    await expect(openDataFolder(root)).rejects.toThrow("portcullis.json");
    expect(await readdir(root)).toEqual(["portcullis.json"]);
  },
);

test("refuses the folder of a newer release, and takes one of an older", async () => {
  const root = await temporaryPath();
  await claimed(root, "0.9.1");
  await claimed(root, "0.10.0");
  await expect(claimed(root, "0.9.1")).rejects.toThrow(/used by Portcullis 0\.10\.0, and this is 0\.9\.1/);
});

test("a folder that can't be made is told in words", async () => {
  const file = await temporaryPath();
  await writeFile(file, "");
  await expect(openDataFolder(file)).rejects.toThrow(/can't be used: a part of the path is a file\. Name a/);
  await expect(openDataFolder(join(file, "below"))).rejects.toThrow(/a part of the path is a file\. Name a/);
});

test("who holds the folder is told to who comes second", async () => {
  const root = await temporaryPath();
  await mkdir(root);
  await writeFile(paths.marker(root), renderMarker("0.1.0"));
  await writeFile(
    paths.run(root),
    JSON.stringify({ launcher: 4711, host: "127.0.0.1", portBase: 1, processes: [] }),
  );
  const first = await openDataFolder(root);
  await expect(openDataFolder(root)).rejects.toThrow(/already running on .*`kill 4711`/);
  first.lock.release();
});
