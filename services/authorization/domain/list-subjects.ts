import { decide, type Question } from "./decide.ts";
import type { AccessStore } from "./decision-ports.ts";
import type { AccountId } from "./ids.ts";
import type { Page } from "./page.ts";
import { requireRevision } from "./revision.ts";

/** A page of principals, of one moment. */
export interface SubjectPage {
  readonly principalIds: readonly string[];
  readonly nextToken: string;
  readonly revision: number;
}

/** Who may: every principal that decide allows it, by id. A page may be short and not the last. REVISION_UNKNOWN. */
export async function listSubjects(
  deps: { readonly access: AccessStore },
  accountId: AccountId,
  question: Question,
  page: Page,
  minRevision: number,
  signal: AbortSignal,
): Promise<SubjectPage> {
  const found = await deps.access.candidates(accountId, question, page, signal);
  const { candidates, revision } = found;
  requireRevision(revision, minRevision);
  const allowed = candidates
    .map(({ principalId, facts }, index) => ({ principalId, index, ...decide(facts, question) }))
    .filter((one) => one.allowed);
  const kept = allowed.slice(0, page.size);
  const isAll = kept.length === allowed.length;
  const last = isAll ? candidates.length - 1 : (kept.at(-1)?.index ?? -1);
  return {
    principalIds: kept.map(({ principalId }) => principalId),
    nextToken: isAll && found.isLast ? "" : found.tokenAfter(last),
    revision,
  };
}
