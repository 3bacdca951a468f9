import * as fc from "fast-check";
import { expect, test } from "vitest";
import { instantAfter, parseInstant } from "./instant.ts";

test("reads RFC 3339 with its offset", () => {
  expect(parseInstant("2030-01-31T12:00:00Z").toISOString()).toBe("2030-01-31T12:00:00.000Z");
  expect(parseInstant("2030-01-31 12:00:00.25+02:00").toISOString()).toBe("2030-01-31T10:00:00.250Z");
  expect(parseInstant("2028-02-29t00:00:00z").toISOString()).toBe("2028-02-29T00:00:00.000Z");
});

test.each([
  "2030-01-31",
  "2030-01-31T12:00:00",
  "2030-02-30T00:00:00Z",
  "2030-02-29T00:00:00Z",
  "2030-13-01T00:00:00Z",
  "2030-00-10T00:00:00Z",
  "2030-01-00T00:00:00Z",
  "2030-01-01T24:00:01Z",
  "2030-01-01T00:60:00Z",
  "2030-01-01T00:00:00+24:00",
  "9999-12-31T23:59:59-01:00",
  "tomorrow",
])("refuses %s", (text) => {
  expect(() => parseInstant(text)).toThrow("such as 2030-01-31T12:00:00Z");
});

test("every instant that can be sent is read back as written", () => {
  const instants = fc.date({
    min: new Date(0),
    max: new Date("9999-12-31T23:59:59.999Z"),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(instants, (date) => {
      expect(parseInstant(date.toISOString()).getTime()).toBe(date.getTime());
    }),
  );
});

test("an expiry after the year 9999 is refused", () => {
  const now = new Date("2030-01-01T00:00:00Z");
  expect(instantAfter(1000, now).toISOString()).toBe("2030-01-01T00:00:01.000Z");
  expect(() => instantAfter(999_999_999_999_000, now)).toThrow("9999");
});
