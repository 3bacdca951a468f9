import type { Verdict } from "./decide.ts";
import {
  type Asker,
  concludeToken,
  findingOf,
  findNow,
  isUse,
  OpenedToken,
  type Patience,
  type TokenQuestion,
  thisMoment,
  type VerifyDeps,
  verifyTokenNow,
} from "./verify-token.ts";

/**
 * Verifies each token by itself, as verifyToken; verdicts stand in the order of the questions. What memory can't
 * tell is looked up together.
 */
export function verifyTokens(
  deps: VerifyDeps,
  questions: readonly TokenQuestion[],
  asker: Asker,
  patience: Patience,
): readonly Verdict[] | Promise<readonly Verdict[]> {
  const moment = thisMoment(deps);
  const known = questions.map((question) => verifyTokenNow(deps, question, asker, moment));
  return areVerdicts(known) ? known : verifyTokensLater(deps, known, patience.signal);
}

/** Whether nothing is left to be looked up. */
export function areVerdicts(known: readonly (OpenedToken | Verdict)[]): known is readonly Verdict[] {
  return !known.some((item) => item instanceof OpenedToken);
}

/** Goes on with what verifyTokenNow could not tell. */
export async function verifyTokensLater(
  deps: VerifyDeps,
  known: readonly (OpenedToken | Verdict)[],
  signal: AbortSignal,
): Promise<readonly Verdict[]> {
  const locators = new Set(known.flatMap((item) => (item instanceof OpenedToken ? [item.locator] : [])));
  const found = await findNow(deps, [...locators], signal);
  const verdicts = known.map((item) =>
    item instanceof OpenedToken ? concludeToken(deps, item, findingOf(found, item.locator)) : item,
  );
  const now = deps.clock();
  const used = verdicts.flatMap((verdict) =>
    "held" in verdict && isUse(verdict, now) ? [verdict.held] : [],
  );
  if (used.length > 0) await deps.presented.noteUses(used, now, signal);
  return verdicts;
}
