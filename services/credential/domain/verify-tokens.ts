import type { Locator } from "./credential.ts";
import type { Verdict } from "./decide.ts";
import type { Finding } from "./ports.ts";
import {
  type Asker,
  concludeToken,
  findingOf,
  findNow,
  isUse,
  type OpenedToken,
  openToken,
  recallNow,
  type TokenQuestion,
  type VerifyDeps,
} from "./verify-token.ts";

/**
 * Verifies each token by itself, as verifyToken; verdicts stand in the order of the questions. What memory can't
 * tell is looked up together.
 */
export function verifyTokens(
  deps: VerifyDeps,
  questions: readonly TokenQuestion[],
  asker: Asker,
  signal: AbortSignal,
): readonly Verdict[] | Promise<readonly Verdict[]> {
  const opened = questions.map((question) => openToken(deps, question, asker));
  const known = new Map<Locator, Finding>();
  const unknown = new Set<Locator>();
  for (const item of opened) {
    if (!("locator" in item) || known.has(item.locator) || unknown.has(item.locator)) continue;
    const finding = recallNow(deps, item.locator);
    if (finding === undefined) unknown.add(item.locator);
    else known.set(item.locator, finding);
  }
  if (unknown.size > 0) return findAndConclude(deps, opened, known, unknown, asker, signal);
  return conclude(deps, opened, known, asker, signal);
}

async function findAndConclude(
  deps: VerifyDeps,
  opened: readonly (OpenedToken | Verdict)[],
  known: ReadonlyMap<Locator, Finding>,
  unknown: ReadonlySet<Locator>,
  asker: Asker,
  signal: AbortSignal,
): Promise<readonly Verdict[]> {
  const found = await findNow(deps, [...unknown], signal);
  return conclude(deps, opened, new Map([...known, ...found]), asker, signal);
}

function conclude(
  deps: VerifyDeps,
  opened: readonly (OpenedToken | Verdict)[],
  findings: ReadonlyMap<Locator, Finding>,
  asker: Asker,
  signal: AbortSignal,
): readonly Verdict[] | Promise<readonly Verdict[]> {
  const verdicts = opened.map((item) =>
    "locator" in item ? concludeToken(deps, item, findingOf(findings, item.locator), asker) : item,
  );
  const now = deps.clock();
  const used = verdicts.flatMap((verdict) =>
    "held" in verdict && isUse(verdict, now) ? [verdict.held.credential] : [],
  );
  return used.length === 0 ? verdicts : deps.presented.noteUses(used, now, signal).then(() => verdicts);
}
