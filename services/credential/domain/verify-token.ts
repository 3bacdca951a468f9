import { type Locator, tokenLocator } from "./credential.ts";
import { decide, type Question, type Verdict } from "./decide.ts";
import { type IpAddress, parseIpAddress } from "./ip-range.ts";
import type { AttemptLimiter, Clock, Finding, LastUses, PresentedCredentials, UseOrigin } from "./ports.ts";
import { isIdle, isUseDue } from "./session.ts";
import { type ParsedToken, parseToken } from "./token.ts";

export interface VerifyDeps {
  readonly presented: PresentedCredentials;
  readonly attempts: AttemptLimiter;
  readonly uses: LastUses;
  readonly clock: Clock;
}

/** A token as it came, and what it is to be used for. Without `sourceIp` failed attempts are not throttled. */
export type TokenQuestion = Pick<Question, "acceptedKinds" | "action"> &
  UseOrigin & { readonly text: string };

/** Who asks. */
export type Asker = Pick<Question, "visibleTo">;

/** A token that can be one, and that may be tried: it is to be looked up. */
export interface OpenedToken {
  readonly presented: ParsedToken;
  readonly locator: Locator;
  readonly question: TokenQuestion;
  readonly address: IpAddress | undefined;
  /** Whose attempts are counted together; undefined where that is unknown. */
  readonly source: string | undefined;
}

/**
 * Whether the token is good. Nothing is looked up for what is malformed or throttled. A good session counts as used.
 * DEPENDENCY_UNAVAILABLE: nothing is known, so nothing is accepted.
 */
export function verifyToken(
  deps: VerifyDeps,
  question: TokenQuestion,
  asker: Asker,
  signal: AbortSignal,
): Verdict | Promise<Verdict> {
  const known = verifyTokenNow(deps, question, asker);
  return "locator" in known ? verifyTokenLater(deps, known, asker, signal) : known;
}

/** The verdict wherever nothing must be waited for; else what verifyTokenLater is to go on with. */
export function verifyTokenNow(
  deps: VerifyDeps,
  question: TokenQuestion,
  asker: Asker,
): Verdict | OpenedToken {
  const opened = openToken(deps, question, asker);
  if (!("locator" in opened)) return opened;
  const now = deps.clock();
  const known = recallNow(deps, opened.locator, now);
  if (known === undefined) return opened;
  const verdict = judgeToken(deps, opened, known, asker, now);
  // The note of a session's use is awaited.
  return isUse(verdict, now) ? opened : verdict;
}

export async function verifyTokenLater(
  deps: VerifyDeps,
  opened: OpenedToken,
  asker: Asker,
  signal: AbortSignal,
): Promise<Verdict> {
  const found = await deps.presented.find([opened.locator], signal);
  const verdict = concludeToken(deps, opened, findingOf(found, opened.locator), asker);
  // Awaited, so that who asks less often than a session's tenth never sees it end under use.
  if (isUse(verdict, deps.clock()) && "held" in verdict) {
    await deps.presented.noteUses([verdict.held.credential], deps.clock(), signal);
  }
  return verdict;
}

/** Reads the text; a verdict where nothing needs to be looked up. */
function openToken(deps: VerifyDeps, question: TokenQuestion, asker: Asker): OpenedToken | Verdict {
  const presented = parseToken(question.text);
  if (presented === undefined) return { result: "malformed" };
  const address = parseIpAddress(question.sourceIp);
  const source = sourceOf(question.sourceIp, address, asker);
  return (
    throttle(deps.attempts, source, presented) ?? {
      presented,
      locator: tokenLocator(presented.keyId),
      question,
      address,
      source,
    }
  );
}

/** As PresentedCredentials.recall; a session that was last seen to be idle for too long may have been used elsewhere. */
function recallNow({ presented }: VerifyDeps, locator: Locator, now: Date): Finding | undefined {
  const known = presented.recall(locator);
  const proof = known?.held?.credential.proof;
  return proof?.kind === "session" && isIdle(proof.session, now) ? undefined : known;
}

/** Judges what was looked up. Attempts since the text was read count too, those of the same batch among them. */
export function concludeToken(
  deps: VerifyDeps,
  opened: OpenedToken,
  finding: Finding,
  asker: Asker,
): Verdict {
  return (
    throttle(deps.attempts, opened.source, opened.presented) ??
    judgeToken(deps, opened, finding, asker, deps.clock())
  );
}

/** Judges, counts what failed, and notes what was used. */
function judgeToken(
  deps: VerifyDeps,
  { presented, question, address, source }: OpenedToken,
  finding: Finding,
  { visibleTo }: Asker,
  now: Date,
): Verdict {
  const { acceptedKinds, action } = question;
  const verdict = decide(finding, { acceptedKinds, action, visibleTo, presented, address }, now);
  if (verdict.result === "unknown" && source !== undefined) deps.attempts.failed(source, presented.keyId);
  if (verdict.result === "valid") deps.uses.note(verdict.held.credential, question, now);
  return verdict;
}

/** Whether the verdict is about a use of a session that is worth to be written. */
export function isUse(verdict: Verdict, now: Date): boolean {
  if (verdict.result !== "valid") return false;
  const { proof } = verdict.held.credential;
  return proof.kind === "session" && isUseDue(proof.session, now);
}

/** Throws where a port has not kept its word. */
export function findingOf(found: ReadonlyMap<Locator, Finding>, locator: Locator): Finding {
  const finding = found.get(locator);
  if (finding === undefined) throw new Error("a locator was left without a finding");
  return finding;
}

function throttle(
  attempts: AttemptLimiter,
  source: string | undefined,
  { keyId }: ParsedToken,
): Verdict | undefined {
  const retryAfterMs = source === undefined ? 0 : attempts.blockedForMs(source, keyId);
  return retryAfterMs > 0 ? { result: "throttled", retryAfterMs } : undefined;
}

/**
 * Whose attempts are counted together. What an account's own key says of an address counts within that account
 * only: else it could lock others out, by claiming failures from where they are.
 */
function sourceOf(
  sourceIp: string,
  address: IpAddress | undefined,
  { visibleTo }: Asker,
): string | undefined {
  // The zone of a link-local address names the interface of whoever saw it.
  const text = sourceIp.includes("%")
    ? parseIpAddress(sourceIp.slice(0, sourceIp.indexOf("%")))?.text
    : address?.text;
  return text === undefined || visibleTo === undefined ? text : `${visibleTo} ${text}`;
}
