import { type Locator, tokenLocator } from "./credential.ts";
import { decide, type Question, type Verdict } from "./decide.ts";
import { parseIpAddress } from "./ip-range.ts";
import type { AttemptLimiter, Clock, CredentialStore, HeldCredential } from "./ports.ts";
import { isUseDue } from "./session.ts";
import { type ParsedToken, parseToken } from "./token.ts";

export interface VerifyDeps {
  readonly credentials: CredentialStore;
  readonly attempts: AttemptLimiter;
  readonly clock: Clock;
}

/** A token as it came, and what it is to be used for. */
export type TokenQuestion = Pick<Question, "acceptedKinds" | "action"> & {
  readonly text: string;
  /** Empty if unknown: then failed attempts are not throttled. */
  readonly sourceIp: string;
};

/** Who asks. */
export type Asker = Pick<Question, "visibleTo">;

type Opened =
  | { readonly verdict: Verdict }
  | { readonly presented: ParsedToken; readonly locator: Locator; readonly question: TokenQuestion };

/**
 * Verifies each token by itself; verdicts stand in the order of the questions. At most one lookup for all
 * together, and none for what is malformed or throttled. A good session counts as used. DEPENDENCY_UNAVAILABLE:
 * nothing is known, so nothing is accepted.
 */
export async function verifyTokens(
  deps: VerifyDeps,
  questions: readonly TokenQuestion[],
  asker: Asker,
  signal: AbortSignal,
): Promise<readonly Verdict[]> {
  const opened = questions.map((question) => open(deps, question, asker));
  const locators = new Set(opened.flatMap((item) => ("locator" in item ? [item.locator] : [])));
  const found: ReadonlyMap<Locator, HeldCredential> =
    locators.size === 0 ? new Map() : await deps.credentials.findByLocators([...locators], signal);
  const now = deps.clock();
  const verdicts = opened.map((item): Verdict => {
    if ("verdict" in item) return item.verdict;
    const { presented, question, locator } = item;
    // Once more: the attempts before it in this very batch count too.
    const throttled = throttle(deps.attempts, question, asker, presented);
    if (throttled !== undefined) return throttled;
    const address = parseIpAddress(question.sourceIp);
    const verdict = decide(found.get(locator), { ...question, ...asker, presented, address }, now);
    if (verdict.result === "unknown") count(deps.attempts, question, asker, presented);
    return verdict;
  });
  await noteUses(deps, verdicts, now, signal);
  return verdicts;
}

/** Awaited, so that who asks less often than a session's tenth never sees it end under use. */
async function noteUses(
  deps: VerifyDeps,
  verdicts: readonly Verdict[],
  now: Date,
  signal: AbortSignal,
): Promise<void> {
  const used = verdicts.flatMap((verdict) => {
    if (verdict.result !== "valid") return [];
    const { credential } = verdict.held;
    return credential.proof.kind === "session" && isUseDue(credential.proof.session, now) ? [credential] : [];
  });
  if (used.length > 0) await deps.credentials.noteUses(used, now, signal);
}

function open(deps: VerifyDeps, question: TokenQuestion, asker: Asker): Opened {
  const presented = parseToken(question.text);
  if (presented === undefined) return { verdict: { result: "malformed" } };
  const throttled = throttle(deps.attempts, question, asker, presented);
  if (throttled !== undefined) return { verdict: throttled };
  return { presented, locator: tokenLocator(presented.keyId), question };
}

function throttle(
  attempts: AttemptLimiter,
  question: TokenQuestion,
  asker: Asker,
  { keyId }: ParsedToken,
): Verdict | undefined {
  const source = sourceOf(question, asker);
  const retryAfterMs = source === undefined ? 0 : attempts.blockedForMs(source, keyId);
  return retryAfterMs > 0 ? { result: "throttled", retryAfterMs } : undefined;
}

function count(
  attempts: AttemptLimiter,
  question: TokenQuestion,
  asker: Asker,
  { keyId }: ParsedToken,
): void {
  const source = sourceOf(question, asker);
  if (source !== undefined) attempts.failed(source, keyId);
}

/**
 * Whose attempts are counted together; undefined where that is unknown. What an account's own key says of an
 * address counts within that account only: else it could lock others out, by claiming failures from where they
 * are.
 */
function sourceOf({ sourceIp }: TokenQuestion, { visibleTo }: Asker): string | undefined {
  // The zone of a link-local address names the interface of whoever saw it.
  const address = parseIpAddress(sourceIp.split("%", 1)[0] ?? "")?.text;
  return address === undefined || visibleTo === undefined ? address : `${visibleTo} ${address}`;
}
