import { DomainError } from "@portcullis/errors";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodePageToken, encodePageToken } from "./index.ts";

const text = fc.string({ unit: "binary" });
/** Positions come out of Postgres, whose texts have no NUL. */
const storedText = text.map((any) => any.replaceAll("\0", ""));

function isRefused(token: string, filter: string): boolean {
  try {
    decodePageToken(token, filter);
    return false;
  } catch (error) {
    return error instanceof DomainError && error.reason === "PAGE_TOKEN_INVALID";
  }
}

test("gives back the position, in characters that need no escaping", () => {
  fc.assert(
    fc.property(storedText, text, (last, filter) => {
      const token = encodePageToken(last, filter);
      expect(token).toMatch(/^[\w-]+$/);
      expect(decodePageToken(token, filter)).toBe(last);
    }),
  );
});

test("refuses a token of another filter", () => {
  fc.assert(
    fc.property(text, text, text, (position, filter, other) => {
      fc.pre(filter !== other);
      expect(isRefused(encodePageToken(position, filter), other)).toBe(true);
    }),
  );
});

test("refuses a token with any one character changed, added or removed", () => {
  fc.assert(
    fc.property(text, fc.nat(), fc.string({ maxLength: 2 }), (position, at, instead) => {
      const token = encodePageToken(position, "f");
      const index = at % token.length;
      const tampered = token.slice(0, index) + instead + token.slice(index + 1);
      fc.pre(tampered !== token);
      expect(isRefused(tampered, "f")).toBe(true);
    }),
  );
});

test("refuses anything else with the same error", () => {
  fc.assert(
    fc.property(text, (token) => {
      expect(isRefused(token, "f")).toBe(true);
    }),
  );
  expect(isRefused("A".repeat(1_000_000), "f")).toBe(true);
});

test("refuses a forged position that Postgres would choke on", () => {
  expect(isRefused(encodePageToken("cred_\0", "f"), "f")).toBe(true);
});
