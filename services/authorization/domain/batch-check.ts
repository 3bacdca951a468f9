import type { CheckDeps } from "./check.ts";
import { type Decision, decide, type ObjectQuestion } from "./decide.ts";
import type { AccountId, PrincipalId } from "./ids.ts";
import { requireRevision } from "./revision.ts";

/** One question of many. */
export interface BatchItem {
  /** Undefined for a text that can't be an id: nobody. */
  readonly principalId: PrincipalId | undefined;
  readonly permission: string | undefined;
  readonly object: ObjectQuestion | undefined;
}

/** Decides all of them from one moment, in their order. At least one. REVISION_UNKNOWN. */
export async function batchCheck(
  deps: CheckDeps,
  accountId: AccountId,
  items: readonly BatchItem[],
  minRevision: number,
  signal: AbortSignal,
): Promise<{ readonly decisions: readonly Decision[]; readonly revision: number }> {
  // Nobody has the empty id.
  const nobody = "" as PrincipalId;
  const questions = items.map(({ principalId = nobody, permission, object }) => ({
    subject: { accountId, principalId },
    accountId,
    permission,
    object,
  }));
  const facts = await deps.subjects.facts(questions, signal);
  const revision = facts[0]?.revision ?? 0;
  requireRevision(revision, minRevision);
  return { decisions: questions.map((question, index) => decide(facts[index], question)), revision };
}
