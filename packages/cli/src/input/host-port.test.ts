import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseHostPort } from "./host-port.ts";

test("reads names and addresses", () => {
  expect(parseHostPort("example.com:22")).toEqual({ host: "example.com", port: 22 });
  expect(parseHostPort("*.example.com:65535")).toEqual({ host: "*.example.com", port: 65_535 });
  expect(parseHostPort("[2001:db8::1]:1")).toEqual({ host: "2001:db8::1", port: 1 });
});

test.each([
  "",
  "example.com",
  "example.com:",
  ":22",
  "example.com:0",
  "example.com:65536",
  "example.com:+1",
  "example.com:0x10",
  "example.com:1e3",
  "example.com: 22",
  "2001:db8::1:22",
  "[]:22",
  "[::1]",
  "[::1]22",
  "[[::1]]:22",
  "tcp://example.com:22",
])("refuses %j", (text) => {
  expect(() => parseHostPort(text)).toThrow("host:port");
});

test("each host without a colon and each port is read back as written", () => {
  fc.assert(
    fc.property(fc.domain(), fc.integer({ min: 1, max: 65_535 }), (host, port) => {
      expect(parseHostPort(`${host}:${port}`)).toEqual({ host, port });
    }),
  );
  fc.assert(
    fc.property(fc.ipV6(), fc.integer({ min: 1, max: 65_535 }), (host, port) => {
      expect(parseHostPort(`[${host}]:${port}`)).toEqual({ host, port });
      expect(() => parseHostPort(`${host}:${port}`)).toThrow("host:port");
    }),
  );
});

test("whatever else is given is refused, or has a port in its range", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        expect(parseHostPort(text).port).toSatisfy((port: number) => port >= 1 && port <= 65_535);
      } catch (error) {
        expect(error).toHaveProperty("code", "commander.invalidArgument");
      }
    }),
  );
});
