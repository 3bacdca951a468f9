import * as protocol from "@portcullis/coherence";
import { describe, expect, test } from "vitest";
import { faultKinds } from "./nemesis.ts";
import { simulate } from "./simulate.ts";

describe("the protocol keeps its promise when there is much of", () => {
  test.each(faultKinds)("%s", { timeout: 300_000 }, async (kind) => {
    let count = 0;
    for (let seed = 10_001; seed <= 10_050; seed++) {
      const { violations, faults } = await simulate(protocol, seed, { faults: [kind] });
      expect({ seed, violations }).toEqual({ seed, violations: [] });
      count += faults.get(kind) ?? 0;
    }
    expect(count).toBeGreaterThan(0);
  });
});
