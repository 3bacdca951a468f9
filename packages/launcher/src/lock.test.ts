import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { tryLock } from "./lock.ts";
import { temporaryPath } from "./testing/temporary-folder.ts";

const module = fileURLToPath(new URL("./lock.ts", import.meta.url));

test("another process can't have the lock until its holder ends, kill -9 included", async () => {
  const file = await temporaryPath();
  const script = `
    const { tryLock } = await import(${JSON.stringify(module)});
    globalThis.lock = tryLock(${JSON.stringify(file)});
    console.log("held");
    setInterval(() => {}, 1e6)`;
  const holder = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(holder.stdout, "data");
  expect(tryLock(file)).toBeUndefined();

  const ended = once(holder, "exit");
  holder.kill("SIGKILL");
  await ended;
  const lock = tryLock(file);
  expect(lock).toBeDefined();
  lock?.release();
});

test("a lock that was given back can be had again", async () => {
  const file = await temporaryPath();
  tryLock(file)?.release();
  const again = tryLock(file);
  expect(again).toBeDefined();
  again?.release();
});

test("a file that is no lock is told in words", async () => {
  const file = await temporaryPath();
  await writeFile(file, "something else ".repeat(100));
  expect(() => tryLock(file)).toThrow(/lock file .* can't be used/);
});
