import { expect, test } from "vitest";
import { SharedStrings } from "./shared-strings.ts";

test("a text comes back as it was given, however many there were before it", () => {
  const strings = new SharedStrings(2);
  for (const text of ["a", "b", "a", "c", "d", "e", "a", ""]) expect(strings.share(text)).toBe(text);
});
