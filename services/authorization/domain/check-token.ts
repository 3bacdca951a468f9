import { type CheckDeps, check, type EvaluatedDecision, type SubjectQuestion, type View } from "./check.ts";
import type { TokenProver } from "./decision-ports.ts";
import type { PrincipalRef } from "./ids.ts";

export interface CheckTokenDeps extends CheckDeps {
  readonly tokens: TokenProver;
}

/** May whoever holds the token do that, there? */
export type TokenQuestion = Omit<SubjectQuestion, "subject" | "accountId"> & {
  readonly token: string;
  /** Empty: unknown. */
  readonly sourceIp: string;
  /** Undefined: the account that the token is for. */
  readonly accountId: string | undefined;
};

/** A decision, or that the token is not good; and whose a good one is. */
export type TokenDecision =
  | { readonly isGood: false }
  | { readonly isGood: true; readonly subject: PrincipalRef; readonly decision: EvaluatedDecision };

/**
 * As check, of the principal whose token it is. A token of an account that the asker can't see is not good, as
 * one that does not exist. DEPENDENCY_UNAVAILABLE, REVISION_UNKNOWN.
 */
export async function checkToken(
  deps: CheckTokenDeps,
  view: View,
  { token, sourceIp, accountId, ...question }: TokenQuestion,
  signal: AbortSignal,
): Promise<TokenDecision> {
  const subject = await deps.tokens.prove(token, sourceIp, signal);
  if (subject === undefined || (view.of === "account" && view.accountId !== subject.accountId)) {
    return { isGood: false };
  }
  const asked = { ...question, subject, accountId: accountId ?? subject.accountId };
  return { isGood: true, subject, decision: await check(deps, view, asked, signal) };
}
