import { type Decision, decide } from "./decide.ts";
import type { PrincipalRef } from "./ids.ts";
import type { SubjectStore } from "./ports.ts";

export interface CheckDeps {
  readonly subjects: SubjectStore;
}

/** May the subject do that, there? */
export interface Question {
  /** Undefined for one whose ids can't be ids: nobody. */
  readonly subject: PrincipalRef | undefined;
  readonly permission: string;
  readonly accountId: string;
}

/** What the asker may ask about: every account, or one. */
export type View = { readonly of: "every_account" } | { readonly of: "account"; readonly accountId: string };

/**
 * Decides from what is committed now. Outside the asker's view nothing exists: neither the subject nor the
 * account, and it takes as long to say so as to say it of one that is unknown.
 */
export async function check(
  deps: CheckDeps,
  view: View,
  { subject, permission, accountId }: Question,
  signal: AbortSignal,
): Promise<Decision> {
  const found = subject === undefined ? undefined : await deps.subjects.find(subject, signal);
  const isInView = (id: string | undefined) => view.of === "every_account" || view.accountId === id;
  const isVisible = isInView(subject?.accountId) && isInView(accountId);
  return decide(isVisible ? found : undefined, permission, accountId);
}
