import { createHash, randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decoyHash,
  mintToken,
  parseToken,
  secretHashBytes,
  secretMatches,
  type TokenKind,
  tokenLength,
  tokenPattern,
  toSecretHash,
} from "./token.ts";

const kinds: readonly TokenKind[] = ["authtoken", "api_key", "session"];
const asciiCharacter = fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code));
const base62Character = fc.stringMatching(/^[0-9A-Za-z_]$/);

/** Replayable from the seed that fast-check prints. */
const minted = fc
  .tuple(fc.constantFrom(...kinds), fc.infiniteStream(fc.integer({ min: 0, max: 255 })))
  .map(([kind, bytes]) =>
    mintToken(kind, (count) => Uint8Array.from({ length: count }, () => Number(bytes.next().value))),
  );

function replaceAt(text: string, at: number, replacement: string): string {
  return text.slice(0, at) + replacement + text.slice(at + 1);
}

describe("a minted token", () => {
  test("reads back as what was minted, and matches its own hash only", () => {
    fc.assert(
      fc.property(minted, minted, (token, other) => {
        const parsed = parseToken(token.text);
        const hash = token.secretHash;
        expect(parsed).toEqual({ kind: token.kind, keyId: token.keyId, hash });
        if (parsed === undefined) throw new Error("refused");
        expect(secretMatches(parsed, token.secretHash)).toBe(true);
        expect(secretMatches(parsed, toSecretHash(secretHashBytes(token.secretHash)))).toBe(true);
        expect(secretMatches(parsed, other.secretHash)).toBe(token.text === other.text);
        expect(secretMatches(parsed, decoyHash)).toBe(false);
      }),
    );
  });

  test("has the published shape and nothing that stops a double click", () => {
    for (const kind of kinds) {
      const { text } = mintToken(kind, randomBytes);
      expect(text).toHaveLength(tokenLength);
      expect(text).toMatch(/^\w+$/);
      expect(`Authorization: Bearer ${text}\n`.match(new RegExp(tokenPattern))?.[0]).toBe(text);
    }
    expect(mintToken("authtoken", randomBytes).text).toMatch(/^pcat_/);
    expect(mintToken("api_key", randomBytes).text).toMatch(/^pcak_/);
    expect(mintToken("session", randomBytes).text).toMatch(/^pcse_/);
  });

  test("is found by the published pattern, whatever the random bytes", () => {
    fc.assert(
      fc.property(minted, ({ text }) => {
        expect(text.match(new RegExp(tokenPattern))?.[0]).toBe(text);
      }),
    );
  });

  test("stays readable: the format of tokens already handed out never changes", () => {
    const { text, keyId, secretHash } = mintToken("authtoken", (count) => new Uint8Array(count).fill(10));
    expect(text).toBe("pcat_AAAAAAAAAAAAAAAAAAAAAA_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA2TN2Qy");
    expect(keyId).toBe("AAAAAAAAAAAAAAAAAAAAAA");
    expect(secretHashBytes(secretHash)).toEqual(createHash("sha256").update(text).digest());
  });

  test("is never minted twice", () => {
    const texts = Array.from({ length: 1000 }, () => mintToken("session", randomBytes));
    expect(new Set(texts.map((token) => token.text)).size).toBe(1000);
    expect(new Set(texts.map((token) => token.keyId)).size).toBe(1000);
  });

  test("once parsed, carries no secret that a log could show", () => {
    const { text } = mintToken("api_key", randomBytes);
    expect(JSON.stringify(parseToken(text))).not.toContain(text.slice(28, 60));
  });
});

describe("parseToken refuses", () => {
  const position = fc.nat({ max: tokenLength - 1 });

  test("a token with any one character changed", () => {
    fc.assert(
      fc.property(
        minted,
        position,
        fc.oneof(base62Character, asciiCharacter, fc.string({ unit: "binary", minLength: 1, maxLength: 1 })),
        ({ text }, at, replacement) => {
          fc.pre(text[at] !== replacement);
          expect(parseToken(replaceAt(text, at, replacement))).toBeUndefined();
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("a token with two neighbours swapped", () => {
    fc.assert(
      fc.property(minted, fc.nat({ max: tokenLength - 2 }), ({ text }, at) => {
        fc.pre(text[at] !== text[at + 1]);
        expect(
          parseToken(text.slice(0, at) + text.charAt(at + 1) + text.charAt(at) + text.slice(at + 2)),
        ).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });

  test("a truncated token, from either end or the middle", () => {
    fc.assert(
      fc.property(minted, position, fc.integer({ min: 1, max: tokenLength }), ({ text }, at, count) => {
        expect(parseToken(text.slice(0, at) + text.slice(at + count))).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });

  test("a token with anything added", () => {
    fc.assert(
      fc.property(
        minted,
        fc.nat({ max: tokenLength }),
        fc.string({ minLength: 1 }),
        ({ text }, at, extra) => {
          expect(parseToken(text.slice(0, at) + extra + text.slice(at))).toBeUndefined();
        },
      ),
      { numRuns: 1000 },
    );
    expect(parseToken(`${mintToken("session", randomBytes).text}\n`)).toBeUndefined();
  });

  test("a token whose case was changed, in one letter or in all", () => {
    fc.assert(
      fc.property(minted, position, ({ text }, at) => {
        const letter = text.charAt(at);
        const swapped = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
        fc.pre(swapped !== letter);
        expect(parseToken(replaceAt(text, at, swapped))).toBeUndefined();
        expect(parseToken(text.toUpperCase())).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });

  test("a token presented as another kind", () => {
    const prefixes = ["pcat", "pcak", "pcse", "pcxx"];
    for (const kind of kinds) {
      const { text } = mintToken(kind, randomBytes);
      const accepted = prefixes.filter((prefix) => parseToken(prefix + text.slice(4)) !== undefined);
      expect(accepted).toEqual([text.slice(0, 4)]);
    }
  });

  test("any other text, without throwing", () => {
    const lookalike = fc
      .tuple(fc.constantFrom("pcat_", "pcak_", "pcse_"), fc.string({ unit: base62Character, maxLength: 70 }))
      .map(([prefix, rest]) => prefix + rest);
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), lookalike), (text) => {
        expect(parseToken(text)).toBeUndefined();
      }),
      {
        numRuns: 2000,
      },
    );
    expect(parseToken("")).toBeUndefined();
    expect(parseToken("é".repeat(tokenLength))).toBeUndefined();
  });

  test("a huge text as cheaply as a short one", () => {
    const huge = "pcat_".padEnd(50_000_000, "A");
    const started = performance.now();
    for (let i = 0; i < 1000; i++) expect(parseToken(huge)).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(500);
  });
});

test("a stored hash of another length is a fault of the store", () => {
  expect(() => toSecretHash(new Uint8Array(31))).toThrow("32 bytes");
});
