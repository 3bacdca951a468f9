import * as fc from "fast-check";
import type { PrincipalRef } from "../domain/ids.ts";
import type { Principal } from "../domain/principal.ts";

/**
 * Versions 1 to n of a principal in any states. Identity deletes last and once; enforcers hold also where it
 * does not, so deleted may come anywhere and often.
 */
export function history(ref: PrincipalRef): fc.Arbitrary<readonly Principal[]> {
  const states = fc.array(fc.constantFrom("active", "inactive", "locked", "deleted"), {
    minLength: 1,
    maxLength: 6,
  });
  return states.map((all) =>
    all.map((state, index) => ({ ...ref, kind: "user", state, version: index + 1, superAdmin: false })),
  );
}

/** All of the versions at least once, in any order. */
export function shuffledWithRepeats(versions: readonly Principal[]): fc.Arbitrary<readonly Principal[]> {
  return fc.array(fc.constantFrom(...versions), { maxLength: 6 }).chain((repeats) => {
    const all = [...versions, ...repeats];
    return fc.shuffledSubarray(all, { minLength: all.length });
  });
}

/** What must be in force in the end: the last deletion if there is any, else the highest version. */
export function inForce(versions: readonly Principal[]): Principal | undefined {
  return versions.findLast(({ state }) => state === "deleted") ?? versions.at(-1);
}
