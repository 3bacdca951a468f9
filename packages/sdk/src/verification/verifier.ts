import { systemClock } from "@portcullis/coherence";
import {
  VerificationService,
  type Verification as WireVerification,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { type MemoryLimits, NearCache, type NearCacheStats } from "../near-cache/near-cache.ts";
import { openWatch } from "../near-cache/open-watch.ts";
import { PortcullisError } from "../portcullis-error.ts";
import { type ConnectionOptions, openChannels, rpcOf } from "../transport/channel.ts";
import { Coalescer, type Pending } from "../transport/coalescer.ts";
import { Asker, closed } from "./asker.ts";
import { type Ending, type Kept, KeptSessions } from "./kept-sessions.ts";
import { parseVerification } from "./messages.ts";
import { checkQuestion, isTooLong, keyOfSshKey, keyOfToken, noQuestion, type Question } from "./question.ts";
import { RevocationWatch, type Revoked } from "./revocation-watch.ts";
import type { KeyQuestion, TokenQuestion, Verification } from "./verification.ts";

export type VerifierOptions = ConnectionOptions & VerifierSettings;

export interface VerifierSettings {
  /** What may be remembered; `entriesMax: 0` remembers nothing. */
  readonly memory?: MemoryLimits;
  /** How long an answer may take, in milliseconds. Default 5,000. */
  readonly timeoutMs?: number;
  /** Questions that wait for their answers at most. Default 20,000. */
  readonly waitingMax?: number;
  /** How long what is kept in use may go on while no replica can be asked, in milliseconds. Default 5,000. */
  readonly unattendedMsMax?: number;
  /**
   * Told when a remembered credential that was good isn't any more, a moment after that has happened. For ending what
   * it has opened; to do without it, `keep` tells for each use. Tokens are then kept in memory, to ask again.
   */
  readonly onRevoked?: (revoked: Revoked) => void;
}

export interface VerifierStats extends NearCacheStats {
  /** Questions that wait for their answers. */
  readonly waiting: number;
  /** Credentials that are kept in use. */
  readonly kept: number;
}

/** Verifies credentials: from memory where that is as good as asking. */
export interface Verifier extends Disposable {
  /**
   * At once if the answer is remembered, else a promise. Either is true of a moment after the call: what was taken
   * away by an operation that had returned before is refused. Rejects with PortcullisError when nobody can say.
   */
  verify(token: string, question?: TokenQuestion): Verification | Promise<Verification>;
  /** What `verify` would answer at once; undefined where it would have to ask. */
  recall(token: string, question?: TokenQuestion): Verification | undefined;
  /** As `verify`, always as a promise. */
  verifyAsync(token: string, question?: TokenQuestion): Promise<Verification>;
  /** As `verify`, for an SSH public key, once its holder has proven to have the private one. */
  verifySshKey(publicKey: string, question?: KeyQuestion): Verification | Promise<Verification>;
  /**
   * Verifies a token that something lasting depends on, and tells once when it stops to be good for what was asked.
   * The operation that takes it away counts what was ended, in its receipt.
   */
  keep(token: string, question: TokenQuestion, onEnded: (ending: Ending) => void): Promise<Kept>;
  /** The same for an SSH public key. */
  keepSshKey(publicKey: string, question: KeyQuestion, onEnded: (ending: Ending) => void): Promise<Kept>;
  stats(): VerifierStats;
  /** Ends everything; what waits for an answer is rejected, and what was kept is not told of any more. */
  close(): void;
}

/** What changes in credential's log are about, as of this release. Services are upgraded before their SDKs. */
const scopeKinds = new Set(["account", "principal", "credential", "locator", "sign_in", "user"]);
/** The service takes no more in a message, nor larger ones. Items; characters. */
const batchMax = 1_000;
const batchWeightMax = 1_000_000;
/** What an answer takes beside its texts, in bytes. */
const answerBytes = 300;

interface Answered {
  readonly message: WireVerification;
  readonly sentAtMs: number;
}

/** Connects to the credential service. Begins at once to follow its changes. */
export function createVerifier(options: VerifierOptions): Verifier {
  return new CachingVerifier(options);
}

class CachingVerifier implements Verifier {
  readonly #channels;
  readonly #memory: NearCache<Verification>;
  readonly #coalescer: Coalescer<Question, Answered>;
  readonly #asker: Asker;
  readonly #kept: KeptSessions;
  readonly #watch: RevocationWatch | undefined;
  readonly #timeoutMs: number;
  #isClosed = false;

  constructor(options: VerifierOptions) {
    const {
      onRevoked,
      memory = {},
      timeoutMs = 5_000,
      waitingMax = 20_000,
      unattendedMsMax = 5_000,
    } = options;
    const channels = openChannels(options);
    this.#channels = channels;
    this.#timeoutMs = timeoutMs;
    this.#asker = new Asker(channels, timeoutMs);
    this.#kept = new KeptSessions({ channels, timeoutMs, unattendedMsMax });
    this.#coalescer = new Coalescer({
      send: (batch) => this.#asker.ask(batch.map((pending) => this.#asked(pending))),
      batchMax,
      batchWeightMax,
      weightOf: ({ text }) => text.length,
      waitingMax,
    });
    this.#watch =
      onRevoked === undefined
        ? undefined
        : new RevocationWatch({
            onRevoked,
            askAnew: (question) => this.#ask(question, keyOf(question)),
            scopeKinds,
            entriesMax: memory.entriesMax ?? 100_000,
          });
    this.#memory = new NearCache({
      open: openWatch(channels, rpcOf(VerificationService.method.watchRevocations)),
      clock: systemClock,
      scopeKinds,
      limits: memory,
      onForgotten: (change) => this.#watch?.changed(change),
    });
    if (memory.entriesMax !== 0) this.#memory.start();
  }

  verify(token: string, question: TokenQuestion = noQuestion): Verification | Promise<Verification> {
    const key = keyOfToken(token, question);
    const known = this.#memory.get(key, question.sourceIp ?? "");
    if (known !== undefined) return known;
    return this.#ask({ about: "token", text: token, of: question }, key);
  }

  recall(token: string, question: TokenQuestion = noQuestion): Verification | undefined {
    return this.#memory.recall(keyOfToken(token, question), question.sourceIp ?? "");
  }

  async verifyAsync(token: string, question?: TokenQuestion): Promise<Verification> {
    return this.verify(token, question);
  }

  verifySshKey(publicKey: string, question: KeyQuestion = noQuestion): Verification | Promise<Verification> {
    const key = keyOfSshKey(publicKey, question);
    const known = this.#memory.get(key, question.sourceIp ?? "");
    if (known !== undefined) return known;
    return this.#ask({ about: "ssh_key", text: publicKey, of: question }, key);
  }

  keep(token: string, question: TokenQuestion, onEnded: (ending: Ending) => void): Promise<Kept> {
    return this.#keep({ about: "token", text: token, of: question }, onEnded);
  }

  keepSshKey(publicKey: string, question: KeyQuestion, onEnded: (ending: Ending) => void): Promise<Kept> {
    return this.#keep({ about: "ssh_key", text: publicKey, of: question }, onEnded);
  }

  stats(): VerifierStats {
    return { ...this.#memory.stats(), waiting: this.#coalescer.waiting, kept: this.#kept.size };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#memory.close();
    this.#watch?.close();
    this.#asker.close();
    this.#kept.close();
    this.#channels.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #ask(question: Question, key: string): Promise<Verification> {
    if (this.#isClosed) throw closed();
    if (isTooLong(question)) return malformed;
    checkQuestion(question, key);
    const sourceIp = question.of.sourceIp ?? "";
    const { message, sentAtMs } = await this.#coalescer.ask(`${key}\0${sourceIp}`, question);
    const verification = parseVerification(message);
    this.#remember(key, question, message, verification, sentAtMs);
    return verification;
  }

  #remember(
    key: string,
    question: Question,
    { cache: advice }: WireVerification,
    verification: Verification,
    sentAtMs: number,
  ): void {
    if (advice === undefined || verification.stalenessMsMax > 0) return;
    const credential = "credential" in verification ? verification.credential : undefined;
    // What has expired stays so; all else may be another answer from then on.
    const expireTime = verification.result === "expired" ? undefined : credential?.expireTime;
    const sourceIp = question.of.sourceIp ?? "";
    const isRemembered = this.#memory.fill(key, sourceIp, {
      value: verification,
      advice,
      evaluatedRevision: verification.evaluatedRevision,
      sentAtMs,
      expiresAtMs: expireTime?.getTime() ?? Number.POSITIVE_INFINITY,
      bytes: answerBytes + (credential === undefined ? 0 : textLengthOf(credential)),
    });
    if (!isRemembered || verification.result !== "valid") return;
    const watched = { question, credential: verification.credential, scopes: advice.scopes };
    this.#watch?.watch(`${key}\0${sourceIp}`, watched);
  }

  async #keep(question: Question, onEnded: (ending: Ending) => void): Promise<Kept> {
    if (isTooLong(question)) return { verification: malformed, release: () => {} };
    checkQuestion(question, keyOf(question));
    return this.#kept.keep(question, onEnded);
  }

  #asked({ question, resolve, reject }: Pending<Question, Answered>) {
    return {
      question,
      giveUpAtMs: performance.now() + this.#timeoutMs,
      tries: 0,
      answer(message: WireVerification | undefined, sentAtMs: number) {
        if (message === undefined) reject(new PortcullisError("INTERNAL", "The answer says nothing."));
        else resolve({ message, sentAtMs });
      },
      fail: reject,
    };
  }
}

const malformed: Verification = { result: "malformed", evaluatedRevision: 0, stalenessMsMax: 0 };

function keyOf(question: Question): string {
  return question.about === "token"
    ? keyOfToken(question.text, question.of)
    : keyOfSshKey(question.text, question.of);
}

function textLengthOf({
  aclRules,
  metadata,
  accountId,
  ownerId,
  credentialId,
}: VerifiedCredentialTexts): number {
  const rules = aclRules.reduce((sum, rule) => sum + rule.length, 0);
  return rules + metadata.length + accountId.length + ownerId.length + credentialId.length;
}

interface VerifiedCredentialTexts {
  readonly aclRules: readonly string[];
  readonly metadata: string;
  readonly accountId: string;
  readonly ownerId: string;
  readonly credentialId: string;
}
