import { newId } from "@portcullis/service";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { everyoneId, fromUuid, isBuiltInRole, type OwnPrefix, toUuid } from "./ids.ts";

/** What clients' validators take for a UUID of version 4. */
const version4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const prefixes = ["role", "grp", "cred"] as const satisfies readonly OwnPrefix[];

test("each id of ours is a UUID of version 4, and each such UUID is one id of ours", () => {
  for (const prefix of prefixes) {
    const ids = Array.from({ length: 200 }, () => newId(prefix));
    for (const id of ids) {
      expect(toUuid(id)).toMatch(version4);
      expect(fromUuid(prefix, toUuid(id))).toBe(id);
      expect(fromUuid(prefix, toUuid(id).toUpperCase())).toBe(id);
    }
  }
  fc.assert(
    fc.property(fc.uuid({ version: 4 }), fc.constantFrom(...prefixes), (uuid, prefix) => {
      const id = fromUuid(prefix, uuid);
      expect(id).toMatch(new RegExp(`^${prefix}_[0-7][0-9a-hjkmnp-tv-z]{25}$`));
      expect(toUuid(id ?? "")).toBe(uuid);
    }),
  );
});

test("what has a name instead of an id has a UUID of its own, and is of one kind only", () => {
  const uuid = toUuid(everyoneId);
  expect(uuid).toMatch(version4);
  expect(prefixes.map((prefix) => fromUuid(prefix, uuid))).toEqual([undefined, everyoneId, undefined]);
  const administrator = toUuid("administrator");
  expect(administrator).not.toBe(uuid);
  expect(isBuiltInRole("administrator")).toBe(true);
  expect(prefixes.map((prefix) => fromUuid(prefix, administrator))).toEqual([
    "administrator",
    undefined,
    undefined,
  ]);
});

test("what is no UUID of version 4 is no id", () => {
  for (const text of [
    "",
    "nonsense",
    "sa::x",
    "a@b.c",
    "018f0000-0000-7000-8000-000000000000",
    "0".repeat(36),
  ]) {
    for (const prefix of prefixes) expect(fromUuid(prefix, text)).toBeUndefined();
  }
});
