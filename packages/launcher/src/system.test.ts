import { expect, test } from "vitest";
import { requireSupportedSystem } from "./system.ts";

test("Windows is refused in words, and what is like it is named", () => {
  expect(() => requireSupportedSystem("win32")).toThrow(
    /doesn't start on Windows.*Windows Subsystem for Linux/,
  );
  expect(() => requireSupportedSystem("linux")).not.toThrow();
});
