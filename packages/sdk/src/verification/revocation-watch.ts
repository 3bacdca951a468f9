import { setTimeout as delay } from "node:timers/promises";
import type { Change } from "../near-cache/log-follower.ts";
import { PortcullisError } from "../portcullis-error.ts";
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
    const concerned: (readonly [string, Watched])[] = [];
    for (const key of new Set(keys)) {
      const watched = this.#watched.get(key);
      this.#remove(key);
      if (watched !== undefined) concerned.push([key, watched]);
    }
    void this.#judgeAll(concerned, position);
  }

  close(): void {
    this.#isClosed = true;
    this.#watched.clear();
    this.#byScope.clear();
  }

  /** So many at a time that others' questions find room. Never rejects. */
  async #judgeAll(concerned: readonly (readonly [string, Watched])[], position: number): Promise<void> {
    for (let from = 0; from < concerned.length; from += togetherMax) {
      const some = concerned.slice(from, from + togetherMax);
      await Promise.all(some.map(([key, watched]) => this.#judge(key, watched, position)));
    }
  }

  async #judge(key: string, watched: Watched, position: number): Promise<void> {
    const { question, credential } = watched;
    for (let tries = 0; !this.#isClosed; tries++) {
      const verification = await this.#ask(question);
      if (verification !== "busy" && verification.result !== "valid") {
        if (!this.#isClosed) this.#tell({ credential, verification });
        return;
      }
      if (tries >= triesMax) break;
      // Else it is the word of a replica that has not heard of the change yet.
      if (verification !== "busy" && verification.evaluatedRevision >= position) break;
      await delay(pauseMs, undefined, { ref: false });
    }
    if (!this.#isClosed && !this.#watched.has(key)) this.watch(key, watched);
  }

  async #ask(question: Question): Promise<Revoked["verification"] | "busy"> {
    try {
      return await this.#options.askAnew(question);
    } catch (error) {
      const isBusy = error instanceof PortcullisError && error.code === "RESOURCE_EXHAUSTED";
      return isBusy ? "busy" : { result: "unavailable" };
    }
  }

  /** By itself, so that a listener that throws is in nobody's way. */
  #tell(revoked: Revoked): void {
    queueMicrotask(() => this.#options.onRevoked(revoked));
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
const togetherMax = 500;
