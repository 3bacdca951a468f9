import type { Verdict } from "./decide.ts";
import { type Asker, type TokenQuestion, type VerifyDeps, verifyTokens } from "./verify-tokens.ts";

/** As verifyTokens, for one. */
export async function verifyToken(
  deps: VerifyDeps,
  question: TokenQuestion,
  asker: Asker,
  signal: AbortSignal,
): Promise<Verdict> {
  const [verdict] = await verifyTokens(deps, [question], asker, signal);
  if (verdict === undefined) throw new Error("a question was left without a verdict");
  return verdict;
}
