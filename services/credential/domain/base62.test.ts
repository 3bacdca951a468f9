import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { randomBase62, uint32ToBase62 } from "./base62.ts";

const digits = Array.from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

test("has exactly the length asked for and only base62 digits", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100 }), (length) => {
      expect(randomBase62(length, randomBytes)).toMatch(new RegExp(`^[0-9A-Za-z]{${length}}$`));
    }),
  );
});

test("maps the 256 byte values to each digit exactly four times, so no digit is favoured", () => {
  const everyByte = Uint8Array.from({ length: 256 }, (_, value) => value);
  const counts = new Map<string, number>();
  for (const digit of randomBase62(248, () => everyByte)) counts.set(digit, (counts.get(digit) ?? 0) + 1);
  expect(counts).toEqual(new Map(digits.map((digit) => [digit, 4])));
});

test("skips rejected bytes and draws again", () => {
  const draws = [[255, 248, 0], [61, 247], [5]];
  expect(randomBase62(3, () => Uint8Array.from(draws.shift() ?? []))).toBe("0zz");
  expect(draws).toEqual([[5]]);
});

test("gives up on a source that yields nothing usable", () => {
  expect(() => randomBase62(1, () => new Uint8Array())).toThrow("random source");
  expect(() => randomBase62(1, (count) => new Uint8Array(count).fill(255))).toThrow("random source");
});

test("encodes a 32-bit number as six digits that decode to it", () => {
  expect(uint32ToBase62(0)).toBe("000000");
  expect(uint32ToBase62(0xffffffff)).toBe("4gfFC3");
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffffff }), (value) => {
      const text = uint32ToBase62(value);
      expect(text).toHaveLength(6);
      expect(Array.from(text).reduce((sum, digit) => sum * 62 + digits.indexOf(digit), 0)).toBe(value);
    }),
  );
});
