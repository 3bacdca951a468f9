import * as fc from "fast-check";
import { expect, test } from "vitest";
import { addLabel } from "./label.ts";

test("the key ends at the first =", () => {
  expect([...addLabel("a=b=c", undefined)]).toEqual([["a", "b=c"]]);
  expect([...addLabel("empty=", new Map([["a", "b"]]))]).toEqual([
    ["a", "b"],
    ["empty", ""],
  ]);
});

test.each(["", "=", "=value", "key", "__proto__=x"])("refuses %j", (text) => {
  expect(() => addLabel(text, undefined)).toThrow(/label/i);
});

test("refuses the same key twice", () => {
  expect(() => addLabel("a=2", new Map([["a", "1"]]))).toThrow("twice");
});

test("whatever key without = and whatever value is kept", () => {
  const key = fc.string({ minLength: 1 }).filter((text) => !text.includes("=") && text !== "__proto__");
  fc.assert(
    fc.property(key, fc.string(), (name, value) => {
      expect(addLabel(`${name}=${value}`, undefined).get(name)).toBe(value);
    }),
  );
});
