import * as protocol from "@portcullis/coherence";
import { describe, expect, test } from "vitest";
import { simulate } from "./simulate.ts";

const seedsPerTest = 100;

describe("the protocol keeps its promise", () => {
  test.each(Array.from({ length: 10 }, (_, index) => 1 + index * seedsPerTest))(
    "in the hundred runs from seed %d",
    { timeout: 300_000 },
    async (first) => {
      for (let seed = first; seed < first + seedsPerTest; seed++) {
        const { violations } = await simulate(protocol, seed);
        expect({ seed, violations }).toEqual({ seed, violations: [] });
      }
    },
  );
});

test("the same seed gives the same history", async () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const [first, second] = [await simulate(protocol, seed), await simulate(protocol, seed)];
    expect(first.hash).toBe(second.hash);
    expect(first.events.length).toBeGreaterThan(100);
  }
  expect((await simulate(protocol, 6)).hash).not.toBe((await simulate(protocol, 7)).hash);
});
