import { type Locator, tokenLocator } from "./credential.ts";
import { decide, type Question, type Verdict } from "./decide.ts";
import { parseIpAddress } from "./ip-range.ts";
import type { AttemptLimiter, Clock, Finding, PresentedCredentials } from "./ports.ts";
import { isIdle, isUseDue } from "./session.ts";
import { type ParsedToken, parseToken } from "./token.ts";

export interface VerifyDeps {
  readonly presented: PresentedCredentials;
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

/** A token that can be one, and that may be tried. */
export interface OpenedToken {
  readonly presented: ParsedToken;
  readonly locator: Locator;
  readonly question: TokenQuestion;
}

/**
 * Whether the token is good. Nothing is looked up for what is malformed or throttled; and where memory can tell,
 * the answer is there at once, not in a promise. A good session counts as used. DEPENDENCY_UNAVAILABLE: nothing is
 * known, so nothing is accepted.
 */
export function verifyToken(
  deps: VerifyDeps,
  question: TokenQuestion,
  asker: Asker,
  signal: AbortSignal,
): Verdict | Promise<Verdict> {
  const opened = openToken(deps, question, asker);
  if (!("locator" in opened)) return opened;
  const known = recallNow(deps, opened.locator);
  if (known === undefined) return verifyLater(deps, opened, asker, signal);
  const verdict = concludeToken(deps, opened, known, asker);
  return isUse(verdict, deps.clock()) ? noteUse(deps, verdict, signal) : verdict;
}

async function verifyLater(
  deps: VerifyDeps,
  opened: OpenedToken,
  asker: Asker,
  signal: AbortSignal,
): Promise<Verdict> {
  const found = await findNow(deps, [opened.locator], signal);
  const verdict = concludeToken(deps, opened, findingOf(found, opened.locator), asker);
  return isUse(verdict, deps.clock()) ? noteUse(deps, verdict, signal) : verdict;
}

/** Reads the text; a verdict where nothing needs to be looked up. */
export function openToken(deps: VerifyDeps, question: TokenQuestion, asker: Asker): OpenedToken | Verdict {
  const presented = parseToken(question.text);
  if (presented === undefined) return { result: "malformed" };
  return (
    throttle(deps.attempts, question, asker, presented) ?? {
      presented,
      locator: tokenLocator(presented.keyId),
      question,
    }
  );
}

/** As PresentedCredentials.recall; a session that was last seen to be idle for too long may have been used elsewhere. */
export function recallNow(
  { presented, clock }: Omit<VerifyDeps, "attempts">,
  locator: Locator,
): Finding | undefined {
  const known = presented.recall(locator);
  return isSeenIdle(known, clock()) ? undefined : known;
}

/** As PresentedCredentials.find; sessions as for recallNow: uses are not told of, so these are looked at anew. */
export async function findNow(
  { presented, clock }: Omit<VerifyDeps, "attempts">,
  locators: readonly Locator[],
  signal: AbortSignal,
): Promise<ReadonlyMap<Locator, Finding>> {
  const found = await presented.find(locators, signal);
  const idle = locators.filter((locator) => isSeenIdle(found.get(locator), clock()));
  if (idle.length === 0) return found;
  const anew = await Promise.all(
    idle.map(async (locator) => [locator, await presented.findAnew(locator, signal)] as const),
  );
  return new Map([...found, ...anew]);
}

function isSeenIdle(finding: Finding | undefined, now: Date): boolean {
  const proof = finding?.held?.credential.proof;
  return proof?.kind === "session" && isIdle(proof.session, now);
}

/** Judges, and counts what failed. */
export function concludeToken(
  deps: VerifyDeps,
  { presented, question }: OpenedToken,
  finding: Finding,
  asker: Asker,
): Verdict {
  // Once more: attempts since the text was read count too, those of the same batch among them.
  const throttled = throttle(deps.attempts, question, asker, presented);
  if (throttled !== undefined) return throttled;
  const address = parseIpAddress(question.sourceIp);
  const verdict = decide(finding, { ...question, ...asker, presented, address }, deps.clock());
  if (verdict.result === "unknown") count(deps.attempts, question, asker, presented);
  return verdict;
}

/** Whether the verdict is about a use of a session that is worth to be written. */
export function isUse(verdict: Verdict, now: Date): boolean {
  if (verdict.result !== "valid") return false;
  const { proof } = verdict.held.credential;
  return proof.kind === "session" && isUseDue(proof.session, now);
}

/** Awaited, so that who asks less often than a session's tenth never sees it end under use. */
async function noteUse(deps: VerifyDeps, verdict: Verdict, signal: AbortSignal): Promise<Verdict> {
  if ("held" in verdict) await deps.presented.noteUses([verdict.held.credential], deps.clock(), signal);
  return verdict;
}

/** Throws where a port has not kept its word. */
export function findingOf(found: ReadonlyMap<Locator, Finding>, locator: Locator): Finding {
  const finding = found.get(locator);
  if (finding === undefined) throw new Error("a locator was left without a finding");
  return finding;
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
