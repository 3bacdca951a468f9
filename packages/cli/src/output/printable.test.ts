import * as fc from "fast-check";
import { expect, test } from "vitest";
import { printable, printableJson, withoutTokens } from "./printable.ts";

test("what others wrote stays on its line and can't steer a terminal", () => {
  expect(printable("a\nb\tc\u001b[31m\u009b2J\u202e")).toBe("a\\nb\\tc\\u001b[31m\\u009b2J\\u202e");
  expect(printable("Zoë 日本 👩‍💻")).toBe("Zoë 日本 👩‍💻");
});

test("no text leaves a control character, in JSON neither, and JSON keeps its value", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(printable(text)).not.toMatch(/\p{Cc}/u);
      expect(printableJson(text)).not.toMatch(/\p{Cc}/u);
      expect(JSON.parse(printableJson(text))).toBe(text);
    }),
  );
});

test("tokens are cut out by their form, and the caller's own by its text", () => {
  expect(withoutTokens("no such pcak_0Ab_9x, and pcat_Zz9.")).toBe("no such [secret], and [secret].");
  expect(withoutTokens("sent eyJ.abc.def away", "eyJ.abc.def")).toBe("sent [secret] away");
  expect(withoutTokens("an API key (pcak_...)")).toBe("an API key (pcak_...)");
});
