import type { CheckDeps } from "./check.ts";
import { type Decision, decide, type FactsQuestion, type ObjectQuestion } from "./decide.ts";
import type { Basis, Finding, Findings } from "./decision-ports.ts";
import type { AccountId, PrincipalId } from "./ids.ts";
import { requireRevision } from "./revision.ts";

/** One question of many. */
export interface BatchItem {
  /** Undefined for a text that can't be an id: nobody. */
  readonly principalId: PrincipalId | undefined;
  readonly permission: string | undefined;
  readonly object: ObjectQuestion | undefined;
}

/** Decisions in the order of the items, and what they rest on. */
export interface BatchDecisions {
  readonly decisions: readonly (Decision & Pick<Finding, "dependsOn">)[];
  readonly basis: Basis;
}

/** Decides all of them from one moment; at once where memory can tell of all. REVISION_UNKNOWN. */
export function batchCheck(
  deps: CheckDeps,
  accountId: AccountId,
  items: readonly BatchItem[],
  minRevision: number,
  patience: { readonly signal: AbortSignal },
): BatchDecisions | Promise<BatchDecisions> {
  const questions = items.map(({ principalId = nobody, permission, object }) => ({
    subject: { accountId, principalId },
    accountId,
    permission,
    object,
  }));
  const known = deps.facts.recall(questions, minRevision);
  return known === undefined
    ? decideLater(deps, questions, minRevision, patience.signal)
    : conclude(known, questions, minRevision);
}

/** Nobody has the empty id. */
const nobody = "" as PrincipalId;

async function decideLater(
  deps: CheckDeps,
  questions: readonly FactsQuestion[],
  minRevision: number,
  signal: AbortSignal,
): Promise<BatchDecisions> {
  return conclude(await deps.facts.find(questions, minRevision, signal), questions, minRevision);
}

function conclude(
  { found, basis }: Findings,
  questions: readonly FactsQuestion[],
  minRevision: number,
): BatchDecisions {
  requireRevision(basis.revision, minRevision);
  const decisions = questions.map((question, index) => {
    const finding = found[index];
    if (finding === undefined) throw new Error("a question was left without a finding");
    return { ...decide(finding.facts, question), dependsOn: finding.dependsOn };
  });
  return { decisions, basis };
}
