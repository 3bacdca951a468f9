import { setTimeout as delay } from "node:timers/promises";
import type { Change } from "../near-cache/log-follower.ts";
import type { Question } from "./question.ts";
import type { Verification, VerifiedCredential } from "./verification.ts";

/** A credential that was good, and isn't any more. */
export interface Revoked {
  readonly credential: VerifiedCredential;
  /** What is said of it now. */
  readonly verification: Verification | { readonly result: "unavailable" };
}

export interface RevocationWatchOptions {
  readonly onRevoked: (revoked: Revoked) => void;
  readonly askAnew: (question: Question) => Promise<Verification>;
  readonly scopeKinds: ReadonlySet<string>;
  /** Credentials that are watched at most; the one that was remembered first goes first. */
  readonly entriesMax: number;
}

interface Watched {
  readonly question: Question;
  readonly credential: VerifiedCredential;
  readonly scopes: readonly string[];
}

/**
 * Tells of remembered credentials that have stopped to be good. That something has changed does not say so yet: each
 * that depends on it is asked about anew, which is why the question, with its token, is kept.
 */
export class RevocationWatch {
  readonly #options: RevocationWatchOptions;
  readonly #watched = new Map<string, Watched>();
  readonly #byScope = new Map<string, Set<string>>();

  #isClosed = false;

  constructor(options: RevocationWatchOptions) {
    this.#options = options;
  }

  watch(key: string, watched: Watched): void {
    this.#remove(key);
    this.#watched.set(key, watched);
    for (const scope of watched.scopes) {
      const keys = this.#byScope.get(scope) ?? new Set();
      this.#byScope.set(scope, keys.add(key));
    }
    if (this.#watched.size <= this.#options.entriesMax) return;
    const oldest = this.#watched.keys().next();
    if (oldest.done !== true) this.#remove(oldest.value);
  }

  /** Asks anew about all that the change may be about. */
  changed({ position, scopes }: Change): void {
    const { scopeKinds } = this.#options;
    const isKnown = (scope: string) => scopeKinds.has(scope.slice(0, Math.max(0, scope.indexOf(":"))));
    const keys =
      scopes?.every(isKnown) === true
        ? scopes.flatMap((scope) => [...(this.#byScope.get(scope) ?? [])])
        : [...this.#watched.keys()];
    for (const key of new Set(keys)) {
      const watched = this.#watched.get(key);
      this.#remove(key);
      if (watched !== undefined) void this.#judge(key, watched, position);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#watched.clear();
    this.#byScope.clear();
  }

  async #judge(key: string, watched: Watched, position: number): Promise<void> {
    const { question, credential } = watched;
    for (let tries = 0; !this.#isClosed; tries++) {
      const verification = await this.#options
        .askAnew(question)
        .catch(() => ({ result: "unavailable" }) as const);
      if (verification.result !== "valid") {
        if (!this.#isClosed) this.#options.onRevoked({ credential, verification });
        return;
      }
      if (verification.evaluatedRevision >= position || tries >= triesMax) break;
      // Of a replica that has not heard of the change yet.
      await delay(pauseMs, undefined, { ref: false });
    }
    if (!this.#isClosed && !this.#watched.has(key)) this.watch(key, watched);
  }

  #remove(key: string): void {
    const watched = this.#watched.get(key);
    if (watched === undefined) return;
    this.#watched.delete(key);
    for (const scope of watched.scopes) {
      const keys = this.#byScope.get(scope);
      keys?.delete(key);
      if (keys?.size === 0) this.#byScope.delete(scope);
    }
  }
}

/** A replica hears of a change within a lease, or it does not answer. */
const pauseMs = 50;
const triesMax = 60;
