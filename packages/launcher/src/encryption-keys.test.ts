import { mkdir, stat, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { ensureEncryptionKeys } from "./encryption-keys.ts";
import { LauncherError } from "./launcher-error.ts";
import { paths } from "./paths.ts";
import { temporaryPath } from "./testing/temporary-folder.ts";

test("the keys are made once, for their owner alone, and a damaged file is not written over", async () => {
  const root = await temporaryPath();
  await mkdir(root);
  const keys = await ensureEncryptionKeys(root);
  expect(keys).toMatch(/^k1:[A-Za-z0-9+/]{43}=$/);
  expect(await ensureEncryptionKeys(root)).toBe(keys);
  expect((await stat(paths.encryptionKeys(root))).mode & 0o077).toBe(0);
  const rotated = `${keys.replace("k1", "k2")},${keys}`;
  await writeFile(paths.encryptionKeys(root), `${rotated}\n`);
  expect(await ensureEncryptionKeys(root)).toBe(rotated);
  await writeFile(paths.encryptionKeys(root), "k1:half");
  await expect(ensureEncryptionKeys(root)).rejects.toThrow(LauncherError);
});
