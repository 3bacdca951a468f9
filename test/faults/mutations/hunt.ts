import type { Violation } from "../history/history.ts";
import { simulate } from "../simulation/simulate.ts";
import { loadMutant } from "./load-mutant.ts";
import type { Mutation } from "./mutations.ts";

export interface Caught {
  readonly seed: number;
  readonly violation: Violation;
}

/** The first violation of safety that the simulation finds in the mutant, within so many seeds. */
export async function hunt({ edits, seed, faults }: Mutation, seedsMax: number): Promise<Caught | undefined> {
  const mutant = await loadMutant(edits);
  for (let tried = 0; tried < seedsMax; tried++) {
    const { violations } = await simulate(mutant, seed + tried, { faults });
    const violation = violations.find(({ check }) => check.startsWith("stale"));
    if (violation !== undefined) return { seed: seed + tried, violation };
  }
  return undefined;
}
