import { type Decision, decide, type Question } from "./decide.ts";
import type { Basis, FactsFinder, Finding, Findings } from "./decision-ports.ts";
import type { PrincipalRef } from "./ids.ts";
import { requireRevision } from "./revision.ts";

export interface CheckDeps {
  readonly facts: FactsFinder;
}

/** May the subject do that, there? */
export interface SubjectQuestion extends Question {
  /** Undefined for one whose ids can't be ids: nobody. */
  readonly subject: PrincipalRef | undefined;
  /** 0 for any. */
  readonly minRevision: number;
}

/** What the asker may ask about: every account, or one. */
export type View = { readonly of: "every_account" } | { readonly of: "account"; readonly accountId: string };

/** A decision, and what it rests on. */
export type EvaluatedDecision = Decision & { readonly basis: Basis } & Pick<Finding, "dependsOn">;

/**
 * Decides as of this moment; where memory can tell, the answer is there at once, not in a promise. Outside the
 * asker's view nothing exists: neither the subject nor the account, and nothing is looked up, so that it takes as
 * long whatever there is. REVISION_UNKNOWN.
 */
export function check(
  deps: CheckDeps,
  view: View,
  asked: SubjectQuestion,
  signal: AbortSignal,
): EvaluatedDecision | Promise<EvaluatedDecision> {
  return checkNow(deps, view, asked) ?? checkLater(deps, view, asked, signal);
}

/** The same if memory can tell; else what checkLater is for. */
export function checkNow(deps: CheckDeps, view: View, asked: SubjectQuestion): EvaluatedDecision | undefined {
  const known = deps.facts.recall(questionsIn(view, asked), asked.minRevision);
  return known && conclude(known, asked);
}

export async function checkLater(
  deps: CheckDeps,
  view: View,
  asked: SubjectQuestion,
  signal: AbortSignal,
): Promise<EvaluatedDecision> {
  return conclude(await deps.facts.find(questionsIn(view, asked), asked.minRevision, signal), asked);
}

/** The question, or none if it is about nobody that the asker can see. */
function questionsIn(view: View, { subject, accountId, permission, object }: SubjectQuestion) {
  if (subject === undefined) return [];
  const isInView = (id: string) => view.of === "every_account" || view.accountId === id;
  if (!isInView(subject.accountId) || !isInView(accountId)) return [];
  return [{ subject, accountId, permission, object }];
}

function conclude({ found: [finding], basis }: Findings, asked: SubjectQuestion): EvaluatedDecision {
  requireRevision(basis.revision, asked.minRevision);
  return { ...decide(finding?.facts, asked), basis, dependsOn: finding?.dependsOn ?? [] };
}
