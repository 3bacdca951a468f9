import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { newReceiptKey } from "@portcullis/service/receipts";
import { expect, test } from "vitest";
import { paths } from "./paths.ts";
import { ensureReceiptKeys } from "./receipt-keys.ts";
import { temporaryPath } from "./testing/temporary-folder.ts";

async function emptyFolder(): Promise<string> {
  const root = await temporaryPath();
  await mkdir(root);
  return root;
}

test("each service gets a key of its own, which stays, and which nobody else can read", async () => {
  const root = await emptyFolder();
  const identity = await ensureReceiptKeys(root, "identity");
  expect(await ensureReceiptKeys(root, "credential")).not.toBe(identity);
  expect(await ensureReceiptKeys(root, "identity")).toBe(identity);
  expect((await stat(paths.receiptKeys(root, "identity"))).mode & 0o077).toBe(0);
});

test("keys that were rotated by hand are taken as they are", async () => {
  const root = await emptyFolder();
  const rotated = `${newReceiptKey().signingEntry},${newReceiptKey().publicEntry}`;
  await writeFile(paths.receiptKeys(root, "identity"), `${rotated}\n`);
  expect(await ensureReceiptKeys(root, "identity")).toBe(rotated);
});

test("a damaged file is told in words, without what is in it, and left as it is", async () => {
  const root = await emptyFolder();
  const file = paths.receiptKeys(root, "identity");
  await writeFile(file, "rk-1:secret");
  const failed = await ensureReceiptKeys(root, "identity").catch(String);
  expect(failed).toMatch(/receipt-keys-identity is damaged: key 1 must hold 32 bytes/);
  expect(failed).not.toContain("secret");
  expect(await readFile(file, "utf8")).toBe("rk-1:secret");
});
