import { systemClock } from "@portcullis/coherence";
import { CheckService } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import {
  WatchRevocationsRequestSchema,
  WatchRevocationsResponseSchema,
} from "@portcullis/contracts/portcullis/common/v1/watch_pb.ts";
import { type MemoryLimits, NearCache, type NearCacheStats } from "../near-cache/near-cache.ts";
import { openWatch } from "../near-cache/open-watch.ts";
import { PortcullisError } from "../portcullis-error.ts";
import { type Channels, type ConnectionOptions, openChannels } from "../transport/channel.ts";
import { Coalescer } from "../transport/coalescer.ts";
import type { KeyQuestion, Verification } from "../verification/verification.ts";
import type { Verifier } from "../verification/verifier.ts";
import { CheckAsker, type Decided, type SubjectQuestion } from "./asker.ts";
import type { CheckQuestion, Decision, Subject } from "./decision.ts";
import type { BatchItem } from "./messages.ts";

export type CheckerOptions = ConnectionOptions & CheckerSettings;

export interface CheckerSettings {
  /** Has tokens verified, so that `checkToken` is answered from memory too. Absent: the service does. */
  readonly verifier?: Pick<Verifier, "verify">;
  /** What may be remembered; `entriesMax: 0` remembers nothing. */
  readonly memory?: MemoryLimits;
  /** How long an answer may take, in milliseconds. Default 5,000. */
  readonly timeoutMs?: number;
  /** Questions that wait for their answers at most. Default 20,000. */
  readonly waitingMax?: number;
}

/** A decision about whom a token belongs to. */
export interface TokenDecision extends Decision {
  /** With a token that is good. */
  readonly subject: Subject | undefined;
  /** With `token_refused`, if this checker has a verifier: why. */
  readonly verification: Verification | undefined;
}

/** Asks whether a principal may do something: from memory where that is as good as asking. */
export interface Checker extends Disposable {
  /**
   * At once if the answer is remembered, else a promise. Either is true of a moment after the call: what was taken
   * away by an operation that had returned before is not counted. Rejects with PortcullisError when nobody can say.
   */
  check(subject: Subject, question: CheckQuestion): Decision | Promise<Decision>;
  /** What `check` would answer at once; undefined where it would have to ask. */
  recall(subject: Subject, question: CheckQuestion): Decision | undefined;
  /** As `check`, always as a promise. */
  checkAsync(subject: Subject, question: CheckQuestion): Promise<Decision>;
  /** Verifies a token, of any kind, and asks about whose it is. What its ACL says is for the verifier. */
  checkToken(token: string, question: CheckQuestion & Pick<KeyQuestion, "sourceIp">): Promise<TokenDecision>;
  /** Decides up to 1,000 questions about the principals of one account, all from the same moment. In their order. */
  batchCheck(accountId: string, items: readonly BatchItem[]): Promise<readonly Decision[]>;
  stats(): NearCacheStats & { readonly waiting: number };
  close(): void;
}

/** What changes in authorization's log are about, as of this release. Services are upgraded before their SDKs. */
const scopeKinds = new Set(["account", "principal", "group", "role", "object", "catalog"]);
const batchMax = 1_000;
const batchWeightMax = 1_000_000;
const answerBytes = 150;

// Named here, so that services of before they had it can be asked too: then nothing is remembered.
const watchRevocations = {
  path: `/${CheckService.typeName}/WatchRevocations`,
  input: WatchRevocationsRequestSchema,
  output: WatchRevocationsResponseSchema,
};

/** Connects to the authorization service. Begins at once to follow its changes. */
export function createChecker(options: CheckerOptions): Checker {
  return new CachingChecker(options);
}

class CachingChecker implements Checker {
  readonly #channels: Channels;
  readonly #memory: NearCache<Decision>;
  readonly #asker: CheckAsker;
  readonly #coalescer: Coalescer<SubjectQuestion, Decided>;
  readonly #verifier: Pick<Verifier, "verify"> | undefined;
  #isClosed = false;

  constructor(options: CheckerOptions) {
    const { memory = {}, timeoutMs = 5_000, waitingMax = 20_000 } = options;
    this.#channels = openChannels(options);
    this.#verifier = options.verifier;
    this.#asker = new CheckAsker(this.#channels, timeoutMs);
    this.#coalescer = new Coalescer({
      send: (batch) => this.#asker.ask(batch),
      batchMax,
      batchWeightMax,
      weightOf: () => 0, // all of it is in the key
      waitingMax,
    });
    this.#memory = new NearCache({
      open: openWatch(this.#channels, watchRevocations),
      clock: systemClock,
      scopeKinds,
      limits: memory,
    });
    if (memory.entriesMax !== 0) this.#memory.start();
  }

  check(subject: Subject, question: CheckQuestion): Decision | Promise<Decision> {
    const key = keyOf(subject, question);
    return this.#memory.get(key, "") ?? this.#ask(key, subject, question);
  }

  recall(subject: Subject, question: CheckQuestion): Decision | undefined {
    return this.#memory.recall(keyOf(subject, question), "");
  }

  async checkAsync(subject: Subject, question: CheckQuestion): Promise<Decision> {
    return this.check(subject, question);
  }

  async checkToken(
    token: string,
    { sourceIp, ...question }: CheckQuestion & Pick<KeyQuestion, "sourceIp">,
  ): Promise<TokenDecision> {
    this.#refuseIfClosed();
    if (this.#verifier === undefined) {
      const { decision, subject } = await this.#asker.askAboutToken(token, sourceIp, question);
      return { ...decision, subject, verification: undefined };
    }
    const verification = await this.#verifier.verify(token, { sourceIp });
    if (verification.result !== "valid") return { ...tokenRefused, subject: undefined, verification };
    const { accountId, ownerId } = verification.credential;
    const subject = { accountId, principalId: ownerId };
    return { ...(await this.check(subject, question)), subject, verification };
  }

  async batchCheck(accountId: string, items: readonly BatchItem[]): Promise<readonly Decision[]> {
    this.#refuseIfClosed();
    if (items.length === 0) return [];
    const keys = items.map((item) => keyOf({ accountId, principalId: item.principalId }, item));
    // What is found in one turn is of one moment.
    const known = keys.map((key) => this.#memory.get(key, ""));
    if (known.every((decision) => decision !== undefined)) return known;
    const decided = await this.#asker.askBatch(accountId, items);
    for (const [index, key] of keys.entries()) this.#remember(key, decided[index]);
    return decided.map(({ decision }) => decision);
  }

  stats(): NearCacheStats & { readonly waiting: number } {
    return { ...this.#memory.stats(), waiting: this.#coalescer.waiting };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#memory.close();
    this.#channels.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #ask(key: string, subject: Subject, question: CheckQuestion): Promise<Decision> {
    this.#refuseIfClosed();
    const decided = await this.#coalescer.ask(key, { subject, question });
    this.#remember(key, decided);
    return decided.decision;
  }

  #remember(key: string, decided: Decided | undefined): void {
    if (decided?.advice === undefined) return;
    const { decision, advice, sentAtMs } = decided;
    this.#memory.fill(key, "", {
      value: decision,
      advice,
      evaluatedRevision: decision.evaluatedRevision,
      sentAtMs,
      expiresAtMs: Number.POSITIVE_INFINITY,
      bytes: answerBytes,
    });
  }

  #refuseIfClosed(): void {
    if (this.#isClosed) throw new PortcullisError("CANCELLED", "This checker was closed.");
  }
}

const tokenRefused: Decision = {
  allowed: false,
  reason: "token_refused",
  subjectVersion: 0,
  evaluatedRevision: 0,
};

/** A well-formed question has four line breaks in its key, so that one with more in its texts is another one. */
function keyOf(
  { accountId, principalId }: Subject,
  { permission, object, accountId: within }: CheckQuestion,
): string {
  const about = object === undefined ? "" : JSON.stringify([object.type, object.id, object.action]);
  const account = within === undefined || within === accountId ? "" : within;
  return `${accountId}\n${principalId}\n${permission ?? ""}\n${account}\n${about}`;
}
