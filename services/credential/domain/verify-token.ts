import { type Locator, tokenLocator } from "./credential.ts";
import { decide, type Question, type Verdict } from "./decide.ts";
import { type IpAddress, parseIpAddress } from "./ip-range.ts";
import type {
  AttemptLimiter,
  Clock,
  Finding,
  LastUses,
  PresentedCredentials,
  Recollection,
  UseOrigin,
} from "./ports.ts";
import { isIdle, isUseDue } from "./session.ts";
import { glanceAtToken, isTokenText, type PresentedToken } from "./token.ts";

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

/** For how long whoever asks waits; read only where something must be waited for. */
export interface Patience {
  readonly signal: AbortSignal;
}

/** A token that can be one, and that may be tried: it is to be looked up. What few need is found out when asked for. */
export class OpenedToken implements Question {
  readonly presented: PresentedToken;
  readonly locator: Locator;
  readonly asked: TokenQuestion;
  readonly visibleTo: Question["visibleTo"];

  constructor(presented: PresentedToken, asked: TokenQuestion, { visibleTo }: Asker) {
    this.presented = presented;
    this.locator = tokenLocator(presented.keyId);
    this.asked = asked;
    this.visibleTo = visibleTo;
  }

  get acceptedKinds(): Question["acceptedKinds"] {
    return this.asked.acceptedKinds;
  }

  get action(): Question["action"] {
    return this.asked.action;
  }

  get address(): IpAddress | undefined {
    return parseIpAddress(this.asked.sourceIp);
  }

  /**
   * Whose attempts are counted together; undefined where that is unknown. What an account's own key says of an
   * address counts within that account only: else it could lock others out, by claiming failures from where they are.
   */
  get source(): string | undefined {
    // The zone of a link-local address names the interface of whoever saw it.
    const address = parseIpAddress(this.asked.sourceIp.split("%", 1)[0] ?? "")?.text;
    return address === undefined || this.visibleTo === undefined ? address : `${this.visibleTo} ${address}`;
  }
}

/**
 * Whether the token is good. Nothing is looked up for what is malformed or throttled. A good session counts as used.
 * DEPENDENCY_UNAVAILABLE: nothing is known, so nothing is accepted.
 */
export function verifyToken(
  deps: VerifyDeps,
  question: TokenQuestion,
  asker: Asker,
  patience: Patience,
): Verdict | Promise<Verdict> {
  const known = verifyTokenNow(deps, question, asker);
  return known instanceof OpenedToken ? verifyTokenLater(deps, known, patience.signal) : known;
}

/** A moment that answers are true of, for all that are given in one turn. */
export interface Moment {
  readonly now: Date;
  readonly memory: Recollection | undefined;
}

/** This one. */
export function thisMoment({ presented, clock }: Pick<VerifyDeps, "presented" | "clock">): Moment {
  return { memory: presented.recollect(), now: clock() };
}

/** The verdict wherever nothing must be waited for; else what verifyTokenLater is to go on with. */
export function verifyTokenNow(
  deps: VerifyDeps,
  question: TokenQuestion,
  asker: Asker,
  { now, memory }: Moment = thisMoment(deps),
): Verdict | OpenedToken {
  const presented = glanceAtToken(question.text);
  if (presented === undefined) return { result: "malformed" };
  const opened = new OpenedToken(presented, question, asker);
  const known = unlessIdle(memory?.find(opened.locator), now);
  const verdict = known && decide(known, opened, now);
  // What was found has been minted, and is well formed.
  const isFound = verdict !== undefined && verdict.result !== "unknown";
  if (!isFound && !isTokenText(question.text)) return { result: "malformed" };
  const throttled = throttle(deps, opened);
  if (throttled !== undefined) return throttled;
  if (verdict === undefined) return opened;
  note(deps, opened, verdict, now);
  // The note of a session's use is awaited.
  return isUse(verdict, now) ? opened : verdict;
}

export async function verifyTokenLater(
  deps: VerifyDeps,
  opened: OpenedToken,
  signal: AbortSignal,
): Promise<Verdict> {
  const found = await findNow(deps, [opened.locator], signal);
  const verdict = concludeToken(deps, opened, findingOf(found, opened.locator));
  // Awaited, so that who asks less often than a session's tenth never sees it end under use.
  if (isUse(verdict, deps.clock()) && "held" in verdict) {
    await deps.presented.noteUses([verdict.held], deps.clock(), signal);
  }
  return verdict;
}

/** A session that was last seen to be idle for too long may have been used elsewhere. */
function unlessIdle(known: Finding | undefined, now: Date): Finding | undefined {
  return isSeenIdle(known, now) ? undefined : known;
}

/** As PresentedCredentials.find; sessions as for unlessIdle: uses are not told of, so these are looked at anew. */
export async function findNow(
  { presented, clock }: VerifyDeps,
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
  const session = finding?.held?.session;
  return session !== undefined && isIdle(session, now);
}

/** Judges what was looked up. Attempts since the text was read count too, those of the same batch among them. */
export function concludeToken(deps: VerifyDeps, opened: OpenedToken, finding: Finding): Verdict {
  const throttled = throttle(deps, opened);
  if (throttled !== undefined) return throttled;
  const now = deps.clock();
  const verdict = decide(finding, opened, now);
  note(deps, opened, verdict, now);
  return verdict;
}

/** Notes what was used, and counts what failed. */
function note({ uses, attempts }: VerifyDeps, opened: OpenedToken, verdict: Verdict, now: Date): void {
  if (verdict.result === "valid") uses.note(verdict.held, opened.asked, now);
  if (verdict.result === "unknown") {
    const { source } = opened;
    if (source !== undefined) attempts.failed(source, opened.presented.keyId);
  }
}

/** Whether the verdict is about a use of a session that is worth to be written. */
export function isUse(verdict: Verdict, now: Date): boolean {
  if (verdict.result !== "valid") return false;
  const { session } = verdict.held;
  return session !== undefined && isUseDue(session, now);
}

/** Throws where a port has not kept its word. */
export function findingOf(found: ReadonlyMap<Locator, Finding>, locator: Locator): Finding {
  const finding = found.get(locator);
  if (finding === undefined) throw new Error("a locator was left without a finding");
  return finding;
}

function throttle({ attempts }: VerifyDeps, opened: OpenedToken): Verdict | undefined {
  if (attempts.isQuiet()) return undefined;
  const { source } = opened;
  const retryAfterMs = source === undefined ? 0 : attempts.blockedForMs(source, opened.presented.keyId);
  return retryAfterMs > 0 ? { result: "throttled", retryAfterMs } : undefined;
}
