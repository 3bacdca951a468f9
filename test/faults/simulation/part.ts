import * as protocol from "@portcullis/coherence";
import type { Part } from "../part.ts";
import { simulate } from "./simulate.ts";

/** Failures beyond the first few say nothing new. */
const failuresMax = 20;

/** The protocol in virtual time, a seed after the other. */
export const simulation: Part = {
  name: "simulation",
  async run({ endsAtMs, firstSeed, seedsMax }) {
    const counts = {
      seeds: 0,
      verifications: 0,
      refused: 0,
      unavailable: 0,
      revocations: 0,
      staleAccepts: 0,
    };
    const receiptLatenciesMs: number[] = [];
    const faults = new Map<string, number>();
    const failures: string[] = [];
    while (counts.seeds < seedsMax && Date.now() < endsAtMs) {
      const seed = firstSeed + counts.seeds;
      const run = await simulate(protocol, seed);
      counts.seeds++;
      const taken = new Set<number>();
      for (const event of run.events) {
        if (event.type === "answer") {
          counts.verifications++;
          if (event.outcome === "refused") counts.refused++;
          if (event.outcome === "unavailable") counts.unavailable++;
        }
        if (event.type === "change" && !event.gives) taken.add(event.id);
        if (event.type === "receipt" && taken.has(event.id)) counts.revocations++;
      }
      for (const latencyMs of run.receiptLatenciesMs) receiptLatenciesMs.push(latencyMs);
      for (const [kind, count] of run.faults) faults.set(kind, (faults.get(kind) ?? 0) + count);
      counts.staleAccepts += run.violations.filter(({ check }) => check === "stale accept").length;
      if (run.violations.length > 0 && failures.length < failuresMax) {
        const violations = run.violations.slice(0, 5).map(({ check, detail }) => `  ${check}: ${detail}`);
        failures.push(
          [`seed ${seed}: npm run test:faults -- --seed ${seed} --seeds 1`, ...violations].join("\n"),
        );
      }
    }
    return { ...counts, receiptLatenciesMs, faults, failures };
  },
};
