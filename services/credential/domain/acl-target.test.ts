import { DomainError } from "@portcullis/errors";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  parseHost,
  parseHostTarget,
  parseLabelKey,
  parseLabels,
  parseLabelValue,
  parsePort,
} from "./acl-target.ts";

function reasonOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return error.reason;
  }
}

const long63 = "a".repeat(63);
const long253 = `${long63}.${long63}.${long63}.${"a".repeat(61)}`;

describe("a host", () => {
  test("is read in any case into one spelling", () => {
    expect(parseHost("Foo.Example.COM")).toBe("foo.example.com");
    expect(parseHost("localhost")).toBe("localhost");
    expect(parseHost("1.tcp.ngrok.io")).toBe("1.tcp.ngrok.io");
    expect(parseHost("xn--mnchen-3ya.example")).toBe("xn--mnchen-3ya.example");
    expect(parseHost(long253)).toBe(long253);
  });

  test.each([
    ["", "empty"],
    [`${long253}a`, "253"],
    [`${long63}a.example`, "63"],
    ["foo..example", "63"],
    [".example", "63"],
    ["-foo.example", "hyphens"],
    ["foo-.example", "hyphens"],
    ["foo_bar.example", "hyphens"],
    ["foo bar.example", "hyphens"],
    ["foo.example.", "trailing dot"],
    ["münchen.example", "punycode"],
    ["\u212Aelvin.example", "punycode"],
    ["https://foo.example", "scheme"],
    ["foo.example/path", "path"],
    ["foo.example:443", "port"],
    ["*.example", "wildcard"],
    ["foo.*.example", "wildcard"],
    ["10.0.0.1", "IP address"],
    ["10.1", "IP address"],
    ["foo.0x7f", "IP address"],
    ["2130706433", "IP address"],
    ["::1", "IP address"],
    ["[::1]", "IP address"],
    ["foo.example\n", "punycode"],
    ["foo.example\0", "punycode"],
  ])("is refused with its problem named: %j", (text, problem) => {
    expect(reasonOf(() => parseHost(text))).toBe("VALIDATION_FAILED");
    expect(() => parseHost(text)).toThrow(problem);
  });

  test("keeps its spelling when read again, and anything else is a DomainError", () => {
    fc.assert(
      fc.property(fc.oneof(fc.domain(), fc.string({ unit: "binary" }), fc.string()), (text) => {
        fc.pre(reasonOf(() => parseHost(text)) === undefined);
        const host = parseHost(text);
        expect(host).toMatch(/^[a-z0-9.-]{1,253}$/);
        expect(parseHost(host)).toBe(host);
      }),
    );
  });

  test("may be a wildcard endpoint where one is asked for", () => {
    expect(parseHostTarget("*.Example.com")).toEqual({ type: "wildcard_host", suffix: "example.com" });
    expect(parseHostTarget("example.com")).toEqual({ type: "host", host: "example.com" });
    for (const text of ["*", "*.", "*.*.example.com", "*example.com", "a.*.com", `*.${long253}`]) {
      expect(reasonOf(() => parseHostTarget(text))).toBe("VALIDATION_FAILED");
    }
  });
});

describe("a port", () => {
  test("is 1 to 65535, as text or number", () => {
    for (const value of [1, 443, 65535]) {
      expect(parsePort(value)).toBe(value);
      expect(parsePort(String(value))).toBe(value);
    }
  });

  test.each([
    0,
    -1,
    1.5,
    65536,
    Number.NaN,
    Infinity,
    "",
    "0",
    "0443",
    "+443",
    "443 ",
    "65536",
    "1e3",
    "0x1",
    "*",
    "１",
  ])("is refused: %j", (value) => {
    expect(reasonOf(() => parsePort(value))).toBe("VALIDATION_FAILED");
  });
});

describe("labels", () => {
  test("are kept as written", () => {
    expect(
      parseLabels([
        ["App", "web=1"],
        ["env", "Prod"],
      ]),
    ).toEqual([
      ["App", "web=1"],
      ["env", "Prod"],
    ]);
  });

  test("are refused when there are none, too many, or a key twice", () => {
    const many = Array.from({ length: 33 }, (_, index): [string, string] => [`k${index}`, "v"]);
    expect(parseLabels(many.slice(1))).toHaveLength(32);
    for (const entries of [
      [],
      many,
      [
        ["a", "1"],
        ["a", "2"],
      ] satisfies [string, string][],
    ]) {
      expect(reasonOf(() => parseLabels(entries))).toBe("VALIDATION_FAILED");
    }
  });

  test("are refused when a key or value is empty, too long or not printable", () => {
    expect(parseLabelKey("k".repeat(63))).toHaveLength(63);
    expect(parseLabelValue("v".repeat(128))).toHaveLength(128);
    for (const text of ["", "k".repeat(64), "a=b", "a b", "*", "a*", "é", "a\n", "\0"]) {
      expect(reasonOf(() => parseLabelKey(text))).toBe("VALIDATION_FAILED");
    }
    for (const text of ["", "v".repeat(129), "a b", "*", "a*", "é", "a\n", "\0"]) {
      expect(reasonOf(() => parseLabelValue(text))).toBe("VALIDATION_FAILED");
    }
  });
});
