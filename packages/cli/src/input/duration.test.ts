import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseDuration } from "./duration.ts";

test("reads the units alone and together", () => {
  expect(parseDuration("45s")).toBe(45_000);
  expect(parseDuration("90m")).toBe(5_400_000);
  expect(parseDuration("1d12h")).toBe(129_600_000);
  expect(parseDuration("2w")).toBe(1_209_600_000);
});

test.each([
  "",
  "0d",
  "30",
  "d",
  "1h1d",
  "1d1d",
  "-1d",
  "1.5h",
  " 1d",
  "1D",
  "1d ",
  "1_000s",
  "１d",
  "12345678s",
])("refuses %j", (text) => {
  expect(() => parseDuration(text)).toThrow("such as 30d");
});

test("what is written in parts is their sum", () => {
  const count = fc.nat({ max: 9_999_999 });
  fc.assert(
    fc.property(count, count, count, count, fc.integer({ min: 1, max: 9_999_999 }), (w, d, h, m, s) => {
      const sum = w * 604_800 + d * 86_400 + h * 3_600 + m * 60 + s;
      expect(parseDuration(`${w}w${d}d${h}h${m}m${s}s`)).toBe(sum * 1000);
    }),
  );
});
