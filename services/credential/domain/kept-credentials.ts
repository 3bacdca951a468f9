import type { Locator } from "./credential.ts";
import { decide, type Question, type Verdict } from "./decide.ts";
import type { Clock, Finding, PresentedCredentials } from "./ports.ts";
import { idleEndOf } from "./session.ts";

export interface KeptDeps {
  readonly presented: PresentedCredentials;
  readonly clock: Clock;
  /** Runs a task after so many milliseconds, unless the function that is returned is called before. */
  readonly after: (delayMs: number, task: () => void) => () => void;
}

/** A credential that was good for what is asked, and is in use since. */
interface Kept {
  readonly locator: Locator;
  readonly question: Question;
  scopes: readonly string[];
  /** When it ends by itself, if nothing happens; milliseconds since 1970. */
  endsAtMs: number;
}

/** Timers take no more. */
const delayMsMax = 3_600_000;

/**
 * Credentials that are in use for as long as something lasts that they opened: a stream, a tunnel. Each is judged
 * again whenever something that it depends on has changed, and when its time is over.
 */
export class KeptCredentials {
  readonly #deps: KeptDeps;
  readonly #onEnded: (id: bigint, verdict: Verdict) => void;
  readonly #onFault: (error: unknown) => void;
  readonly #kept = new Map<bigint, Kept>();
  readonly #byScope = new Map<string, Set<bigint>>();
  #nextEndMs = Number.POSITIVE_INFINITY;
  #cancelTimer = () => {};

  /** `onEnded` is told of each that is no longer good, once; `onFault` if that could not be found out. */
  constructor(
    deps: KeptDeps,
    onEnded: (id: bigint, verdict: Verdict) => void,
    onFault: (error: unknown) => void,
  ) {
    this.#deps = deps;
    this.#onEnded = onEnded;
    this.#onFault = onFault;
  }

  get size(): number {
    return this.#kept.size;
  }

  has(id: bigint): boolean {
    return this.#kept.has(id);
  }

  /** Keeps what was found good. What may have changed since it was read is looked at again. */
  async keep(
    id: bigint,
    locator: Locator,
    question: Question,
    verdict: Verdict,
    signal: AbortSignal,
  ): Promise<void> {
    if (verdict.result !== "valid") return;
    const kept: Kept = { locator, question, scopes: [], endsAtMs: 0 };
    this.#kept.set(id, kept);
    this.#note(id, kept, verdict);
    // From here on changes are told of. One that came before is in memory, or else memory knows nothing.
    const known = this.#deps.presented.recollect()?.find(locator);
    if (known === undefined) await this.#judgeAgain(id, signal);
    else this.#conclude(id, kept, known);
  }

  release(id: bigint): void {
    const kept = this.#kept.get(id);
    if (kept === undefined) return;
    this.#kept.delete(id);
    for (const scope of kept.scopes) {
      const ids = this.#byScope.get(scope);
      ids?.delete(id);
      if (ids?.size === 0) this.#byScope.delete(scope);
    }
  }

  /** Whether any depends on one of the scopes. */
  concerns(scopes: readonly string[]): boolean {
    return this.#idsOf(scopes).size > 0;
  }

  /** Judges again what depends on one of the scopes; tells how many have ended. Never rejects. */
  async changed(scopes: readonly string[], signal: AbortSignal): Promise<number> {
    return this.#judgeAll([...this.#idsOf(scopes)], signal);
  }

  /** Judges all again. */
  async everythingChanged(signal: AbortSignal): Promise<number> {
    return this.#judgeAll([...this.#kept.keys()], signal);
  }

  close(): void {
    this.#cancelTimer();
    this.#kept.clear();
    this.#byScope.clear();
  }

  #idsOf(scopes: readonly string[]): ReadonlySet<bigint> {
    if (scopes.includes("*")) return new Set(this.#kept.keys());
    const ids = new Set<bigint>();
    for (const scope of scopes) for (const id of this.#byScope.get(scope) ?? []) ids.add(id);
    return ids;
  }

  async #judgeAll(ids: readonly bigint[], signal: AbortSignal): Promise<number> {
    const ended = await Promise.all(ids.map((id) => this.#judgeAgain(id, signal)));
    return ended.filter((hasEnded) => hasEnded).length;
  }

  /** Whether it has ended by that. From where it is kept, and not counted as a use. */
  async #judgeAgain(id: bigint, signal: AbortSignal): Promise<boolean> {
    const kept = this.#kept.get(id);
    if (kept === undefined) return false;
    try {
      const finding = await this.#deps.presented.findAnew(kept.locator, signal);
      return this.#kept.get(id) === kept && this.#conclude(id, kept, finding);
    } catch (error) {
      this.#onFault(error);
      return false;
    }
  }

  #conclude(id: bigint, kept: Kept, finding: Finding): boolean {
    const verdict = decide(finding, kept.question, this.#deps.clock());
    if (verdict.result === "valid") {
      this.#note(id, kept, verdict);
      return false;
    }
    this.release(id);
    this.#onEnded(id, verdict);
    return true;
  }

  #note(id: bigint, kept: Kept, verdict: Verdict): void {
    if (!("held" in verdict)) return;
    const { expiresAtMs = Number.POSITIVE_INFINITY, session } = verdict.held;
    const idleEndMs = session === undefined ? Number.POSITIVE_INFINITY : idleEndOf(session).getTime();
    kept.endsAtMs = Math.min(expiresAtMs, idleEndMs);
    kept.scopes = verdict.finding.scopes;
    for (const scope of kept.scopes) {
      const ids = this.#byScope.get(scope) ?? new Set();
      this.#byScope.set(scope, ids.add(id));
    }
    if (kept.endsAtMs < this.#nextEndMs) this.#wakeAt(kept.endsAtMs);
  }

  #wakeAt(endMs: number): void {
    this.#cancelTimer();
    this.#nextEndMs = endMs;
    if (endMs === Number.POSITIVE_INFINITY) return;
    const delayMs = Math.min(delayMsMax, Math.max(0, endMs - this.#deps.clock().getTime()));
    this.#cancelTimer = this.#deps.after(delayMs, () => void this.#timeHasCome());
  }

  async #timeHasCome(): Promise<void> {
    const nowMs = this.#deps.clock().getTime();
    const over = [...this.#kept].filter(([, { endsAtMs }]) => endsAtMs <= nowMs).map(([id]) => id);
    this.#nextEndMs = Number.POSITIVE_INFINITY;
    await this.#judgeAll(over, AbortSignal.timeout(judgeMsMax));
    // A loop over all, but only when the time of one has come.
    const next = Math.min(...[...this.#kept.values()].map(({ endsAtMs }) => endsAtMs));
    this.#wakeAt(next);
  }
}

/** How long one judgement may take, in milliseconds. */
const judgeMsMax = 5_000;
