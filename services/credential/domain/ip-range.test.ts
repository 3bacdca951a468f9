import { BlockList } from "node:net";
import { DomainError } from "@portcullis/errors";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ipAllowed, parseIpAddress, parseIpRange, parseIpRanges } from "./ip-range.ts";

function allowed(ranges: readonly string[], address: string): boolean {
  const parsed = parseIpAddress(address);
  if (parsed === undefined) throw new Error(`not an address: ${address}`);
  return ipAllowed(parseIpRanges(ranges), parsed);
}

function invalid(run: () => unknown): boolean {
  try {
    run();
    return false;
  } catch (error) {
    if (!(error instanceof DomainError) || error.reason !== "IP_RANGE_INVALID") throw error;
    return true;
  }
}

describe("an address", () => {
  test.each([
    ["192.0.2.1", "192.0.2.1"],
    ["0.0.0.0", "0.0.0.0"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::FFFF:c000:201", "192.0.2.1"],
    ["0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1"],
    ["::", "::"],
    ["::1", "::1"],
    ["1::", "1::"],
    ["::192.0.2.1", "::c000:201"],
    ["64:ff9b::192.0.2.1", "64:ff9b::c000:201"],
    ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["0000:0000:0000:0000:0000:ffff:255.255.255.255", "255.255.255.255"],
  ])("%s has one spelling: %s", (text, canonical) => {
    expect(parseIpAddress(text)?.text).toBe(canonical);
    expect(parseIpAddress(canonical)).toEqual(parseIpAddress(text));
  });

  test.each([
    "",
    "192.0.2",
    "192.0.2.1.1",
    "192.0.2.256",
    "192.0.2.01",
    "0300.0.2.1",
    "0xc0.0.2.1",
    "3221225985",
    "192.0.2.1:80",
    "192.0.2.1/32",
    " 192.0.2.1",
    "192.0.2.1\n",
    "192.0.2.1\0",
    "[::1]",
    "fe80::1%eth0",
    "::ffff:192.0.2.1%1",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "12345::",
    "::g",
    "::ffff:192.0.2.256",
    "unknown",
    "１.1.1.1",
    `::${"0".repeat(1_000_000)}1`,
  ])("is not read from %.40j", (text) => {
    expect(parseIpAddress(text)).toBeUndefined();
  });
});

describe("a range", () => {
  test.each([
    ["192.0.2.1", "192.0.2.1/32"],
    ["192.0.2.0/24", "192.0.2.0/24"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["192.0.2.128/25", "192.0.2.128/25"],
    ["2001:DB8::/32", "2001:db8::/32"],
    ["2001:db8:8000::/33", "2001:db8:8000::/33"],
    ["::1", "::1/128"],
    ["::/0", "::/0"],
    ["::ffff:192.0.2.1", "192.0.2.1/32"],
    ["::ffff:192.0.2.0/120", "192.0.2.0/24"],
    ["::ffff:0:0/96", "0.0.0.0/0"],
  ])("%s has one spelling: %s", (text, canonical) => {
    expect(parseIpRange(text).text).toBe(canonical);
    expect(parseIpRange(canonical)).toEqual(parseIpRange(text));
  });

  test.each([
    ["", "CIDR block"],
    ["*", "CIDR block"],
    ["any", "CIDR block"],
    ["192.0.2.0-192.0.2.9", "CIDR block"],
    ["192.0.2.0/24/24", "CIDR block"],
    ["192.0.2/24", "CIDR block"],
    ["fe80::%eth0/64", "CIDR block"],
    [`::/0${"0".repeat(100)}`, "49 characters"],
    ["192.0.2.0/", "0 to 32"],
    ["192.0.2.0/33", "0 to 32"],
    ["192.0.2.0/024", "0 to 32"],
    ["192.0.2.0/-1", "0 to 32"],
    ["192.0.2.0/ 24", "0 to 32"],
    ["192.0.2.0/255.255.255.0", "0 to 32"],
    ["::/129", "0 to 128"],
    ["::ffff:192.0.2.0/24", "96 to 128"],
    ["::ffff:0:0/90", "96 to 128"],
    ["192.0.2.1/24", "bits set"],
    ["10.0.0.1/8", "bits set"],
    ["192.0.2.128/24", "bits set"],
    ["0.0.0.1/0", "bits set"],
    ["2001:db8::1/32", "bits set"],
    ["2001:db8:8000::/32", "bits set"],
  ])("is refused with its problem named: %j", (text, problem) => {
    expect(invalid(() => parseIpRange(text))).toBe(true);
    expect(() => parseIpRange(text)).toThrow(problem);
  });
});

describe("a list of ranges", () => {
  test("allows everything when empty, and never an unknown address otherwise", () => {
    expect(ipAllowed([], undefined)).toBe(true);
    expect(ipAllowed([], parseIpAddress("192.0.2.1"))).toBe(true);
    expect(ipAllowed(parseIpRanges(["0.0.0.0/0", "::/0"]), undefined)).toBe(false);
  });

  test("allows what any of them holds", () => {
    const ranges = ["192.0.2.0/24", "2001:db8::/33"];
    expect(allowed(ranges, "192.0.2.255")).toBe(true);
    expect(allowed(ranges, "192.0.3.0")).toBe(false);
    expect(allowed(ranges, "2001:db8:7fff::1")).toBe(true);
    expect(allowed(ranges, "2001:db8:8000::1")).toBe(false);
  });

  test("treats a mapped address as the IPv4 address, and the versions as strangers", () => {
    expect(allowed(["192.0.2.0/24"], "::ffff:192.0.2.7")).toBe(true);
    expect(allowed(["::ffff:192.0.2.0/120"], "192.0.2.7")).toBe(true);
    expect(allowed(["::/0"], "::ffff:192.0.2.7")).toBe(false);
    expect(allowed(["::/0"], "192.0.2.7")).toBe(false);
    expect(allowed(["0.0.0.0/0"], "::1")).toBe(false);
    expect(allowed(["192.0.2.0/24"], "::192.0.2.7")).toBe(false);
  });

  test("loses duplicates, whatever their spelling, and keeps its order", () => {
    const ranges = parseIpRanges(["::1", "192.0.2.1", "0::1/128", "::ffff:192.0.2.1/128", "192.0.2.0/31"]);
    expect(ranges.map((range) => range.text)).toEqual(["::1/128", "192.0.2.1/32", "192.0.2.0/31"]);
  });

  test("has at most 100 entries, and names a wrong one by its place", () => {
    const texts = Array.from({ length: 101 }, (_, index) => `192.0.2.${index}`);
    expect(parseIpRanges(texts.slice(1))).toHaveLength(100);
    expect(invalid(() => parseIpRanges(texts))).toBe(true);
    expect(() => parseIpRanges(["192.0.2.1", "nonsense"])).toThrow("range 2:");
    expect(() => parseIpRanges(["192.0.2.1", "nonsense"])).not.toThrow("nonsense");
  });
});

const bytes4 = fc.uint8Array({ minLength: 4, maxLength: 4 });
/** Starts with 32, so that it is never a mapped address. */
const bytes16 = fc.uint8Array({ minLength: 15, maxLength: 15 }).map((bytes) => Uint8Array.of(32, ...bytes));
/** Groups that are often zero, where spelling is hard. */
const sparseIpv6 = fc
  .array(fc.constantFrom("0", "0", "1", "20", "ffff"), { minLength: 8, maxLength: 8 })
  .map((groups) => groups.join(":"));

function textOf(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  return (Buffer.from(bytes).toString("hex").match(/..../g) ?? []).join(":");
}

/** The bits that `keep` asks for, from the one, the others from the other. */
function merge(one: Uint8Array, other: Uint8Array, keep: (bit: number) => boolean): Uint8Array {
  return one.map((byte, at) => {
    const mask = [0, 1, 2, 3, 4, 5, 6, 7].reduce((sum, bit) => sum * 2 + (keep(at * 8 + bit) ? 1 : 0), 0);
    return (byte & mask) | ((other[at] ?? 0) & ~mask);
  });
}

describe("for all ranges and addresses", () => {
  test.each([
    ["ipv4", bytes4],
    ["ipv6", bytes16],
  ] as const)("%s: a range holds exactly the addresses that begin with its bits", (family, bytes) => {
    const bits = family === "ipv4" ? 32 : 128;
    fc.assert(
      fc.property(
        bytes,
        bytes,
        fc.integer({ min: 1, max: bits }),
        fc.nat({ max: bits - 1 }),
        (network, host, prefixLength, flipped) => {
          const inverse = network.map((byte) => ~byte);
          const base = merge(network, new Uint8Array(network.length), (bit) => bit < prefixLength);
          const inside = merge(base, host, (bit) => bit < prefixLength);
          const outside = merge(
            inside,
            merge(inverse, inside, (bit) => bit === flipped % prefixLength),
            (bit) => bit !== flipped % prefixLength,
          );
          const range = `${textOf(base)}/${prefixLength}`;
          const blocks = new BlockList();
          blocks.addSubnet(textOf(base), prefixLength, family);
          expect(allowed([range], textOf(inside))).toBe(true);
          expect(allowed([range], textOf(outside))).toBe(false);
          expect(blocks.check(textOf(inside), family)).toBe(true);
          expect(blocks.check(textOf(outside), family)).toBe(false);
          expect(invalid(() => parseIpRange(`${textOf(inside)}/${prefixLength}`))).toBe(
            textOf(inside) !== textOf(base),
          );
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("an IPv6 address is spelled as the URL standard spells it", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV6(), sparseIpv6), (text) => {
        const address = parseIpAddress(text);
        fc.pre(address?.version === 6);
        expect(`[${address?.text}]`).toBe(new URL(`http://[${text}]`).hostname);
      }),
      { numRuns: 2000 },
    );
  });

  test("the one spelling reads back as the same", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), sparseIpv6), (text) => {
        const address = parseIpAddress(text);
        expect(address).toBeDefined();
        expect(parseIpAddress(address?.text ?? "")).toEqual(address);
        expect(parseIpRange(parseIpRange(text).text)).toEqual(parseIpRange(text));
        expect(allowed([text], text)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test("any text is a range or IP_RANGE_INVALID, and an address or undefined", () => {
    const near = fc.string({ unit: fc.stringMatching(/^[0-9a-f:./%]$/), maxLength: 50 });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), near), (text) => {
        expect([true, false]).toContain(invalid(() => parseIpRange(text)));
        expect(["object", "undefined"]).toContain(typeof parseIpAddress(text));
      }),
      { numRuns: 5000 },
    );
  });
});
