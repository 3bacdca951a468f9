import { type Decision, decide, type Question } from "./decide.ts";
import type { SubjectStore } from "./decision-ports.ts";
import type { PrincipalRef } from "./ids.ts";
import { requireRevision } from "./revision.ts";

export interface CheckDeps {
  readonly subjects: SubjectStore;
}

/** May the subject do that, there? */
export interface SubjectQuestion extends Question {
  /** Undefined for one whose ids can't be ids: nobody. */
  readonly subject: PrincipalRef | undefined;
  /** Of the subject's account; 0 for any. */
  readonly minRevision: number;
}

/** What the asker may ask about: every account, or one. */
export type View = { readonly of: "every_account" } | { readonly of: "account"; readonly accountId: string };

/** A decision, and the revision that it rests on. */
export type EvaluatedDecision = Decision & { readonly revision: number };

/**
 * Decides from what is committed now. Outside the asker's view nothing exists: neither the subject nor the
 * account, and it takes as long to say so as to say it of one that is unknown. REVISION_UNKNOWN.
 */
export async function check(
  deps: CheckDeps,
  view: View,
  { subject, minRevision, ...question }: SubjectQuestion,
  signal: AbortSignal,
): Promise<EvaluatedDecision> {
  const found = subject === undefined ? [] : await deps.subjects.facts([{ ...question, subject }], signal);
  const isInView = (id: string | undefined) => view.of === "every_account" || view.accountId === id;
  const facts = isInView(subject?.accountId) && isInView(question.accountId) ? found[0] : undefined;
  const decision = decide(facts, question);
  // Of who is not in view, or gone, the revision isn't told either.
  const revision = decision.reason === "subject_unknown" ? 0 : (facts?.revision ?? 0);
  requireRevision(isInView(subject?.accountId) ? (found[0]?.revision ?? 0) : 0, minRevision);
  return { ...decision, revision };
}
