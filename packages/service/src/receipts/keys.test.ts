import { expect, test } from "vitest";
import { z } from "zod";
import { readConfig } from "../config.ts";
import { receiptConfig } from "./config.ts";
import { newReceiptKey, parseReceiptKeys, publicEntryOf } from "./keys.ts";

const bytes = (fill: number, count = 32) => Buffer.alloc(count, fill).toString("base64");

test("the first key signs, and every key is published, whichever half is left of it", () => {
  const [old, present, next] = [newReceiptKey(), newReceiptKey(), newReceiptKey()];
  const keys = parseReceiptKeys([present.signingEntry, old.publicEntry, ` ${next.signingEntry}`].join(","));
  expect(keys.signing.keyId).toBe(present.keyId);
  expect(keys.published.map(publicEntryOf)).toEqual([present.publicEntry, old.publicEntry, next.publicEntry]);
});

test("the key is the Ed25519 key of RFC 8032 that the seed stands for", () => {
  const seed = Buffer.from("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "hex");
  const [key] = parseReceiptKeys(`a:${seed.toString("base64")}`).published;
  expect(Buffer.from(key?.publicKey ?? []).toString("hex")).toBe(
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
  );
});

test.each([
  ["no keys", "", "key 1 must begin with an id"],
  ["no id", bytes(1), "key 1 must begin with an id"],
  ["a strange id", `a/b:${bytes(1)}`, "key 1 must begin with an id"],
  ["a public key first", `a:pub:${bytes(1)}`, "the first key signs"],
  ["a short seed", `a:${bytes(1, 31)}`, "key 1 must hold 32 bytes"],
  ["a long public key", `a:${bytes(1)},b:pub:${bytes(2, 33)}`, "key 2 must hold 32 bytes"],
  ["no base64", `a:${bytes(1).replace("A", "!")}`, "key 1 must hold 32 bytes"],
  ["an id twice", `a:${bytes(1)},a:pub:${bytes(2)}`, "the same id"],
  ["another word for pub", `a:${bytes(1)},b:private:${bytes(2)}`, "key 2 must be"],
  ["a comma at the end", `a:${bytes(1)},`, "key 2 must begin"],
])("%s is a configuration error that says how to make one, and not what was there", (_, text, message) => {
  const read = () => readConfig(z.object(receiptConfig), { RECEIPT_SIGNING_KEYS: text });
  if (text !== "") expect(read).toThrow(message);
  expect(read).toThrow(/RECEIPT_SIGNING_KEYS: .*receipt new-key/);
  expect(read).not.toThrow(/AQEB/);
});

test("without it the configuration is told to lack it, beside all other problems", () => {
  const schema = z.object({ ...receiptConfig, OTHER: z.string() });
  expect(() => readConfig(schema, {})).toThrow(
    /2 problem(.|\n)*RECEIPT_SIGNING_KEYS: is required: .*new-key(.|\n)*OTHER: is required/,
  );
});
