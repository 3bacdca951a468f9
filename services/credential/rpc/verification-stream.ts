import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { Follower, LogEntry, LogPosition } from "@portcullis/coherence";
import {
  type StreamedVerification,
  type VerifyStreamRequest,
  type VerifyStreamResponse,
  VerifyStreamResponseSchema,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { DomainError } from "@portcullis/errors";
import type { Call } from "@portcullis/service";
import type { Verdict } from "../domain/decide.ts";
import { KeptCredentials } from "../domain/kept-credentials.ts";
import { type KeptQuestion, keptSshKey, keptToken } from "../domain/kept-question.ts";
import { verifySshKeyLater, verifySshKeyNow } from "../domain/verify-ssh-key.ts";
import { verifyTokenLater, verifyTokenNow } from "../domain/verify-token.ts";
import type { CredentialDeps } from "./deps.ts";
import { askerOf, parseSshKeyQuestion, parseTokenQuestion, toVerification } from "./verification-messages.ts";

interface Asked {
  readonly verdict: Verdict | Promise<Verdict>;
  /** How to ask once more; undefined for what can't be asked at all. */
  readonly again: () => KeptQuestion | undefined;
}

type Answered = Asked & { readonly item: StreamedVerification; readonly verdict: Verdict };

/** Where a stream's answers go. */
export interface StreamSink {
  /** False if there is no room. */
  push(message: VerifyStreamResponse): boolean;
  /** Whether there will be no more messages than those that are waiting. */
  readonly hasEnded: boolean;
  /** What is waiting is still sent, and then the end, or the error. Later ends count for nothing. */
  end(error?: unknown): void;
}

/** Messages that wait for one peer; one that reads more slowly is cut off. */
export const waitingMax = 10_000;
/** Messages whose verifications are under way; the next ones wait to be read. */
const underWayMax = 64;
const keptMax = 10_000;
/** How long a replica's acknowledgement waits for kept credentials to be judged again, in milliseconds. */
const judgeMsMax = 400;
/** How often it is looked whether the caller, and what this replica knows, are still good, in milliseconds. */
const tickMs = 1_000;
/** How long an answer may take, in milliseconds. */
export const askMs = 10_000;

/** One stream: a follower of this replica, for it answers for the credentials that are kept in use. */
export class VerificationStream implements Follower {
  readonly #outbox: StreamSink;
  readonly #deps: CredentialDeps;
  readonly #call: Call;
  readonly #kept: KeptCredentials;
  readonly #underWay = new Set<Promise<void>>();
  /** What was delivered is judged in order. */
  #judging: Promise<void> = Promise.resolve();
  #cancelTick = () => {};
  /** The peer has nothing more to ask. */
  #isRead = false;

  constructor(deps: CredentialDeps, call: Call, outbox: StreamSink) {
    this.#outbox = outbox;
    this.#deps = deps;
    this.#call = call;
    const { presented, clock, coherence } = deps;
    const keptDeps = {
      presented,
      clock,
      after: (ms: number, task: () => void) => coherence.clock.after(ms, task),
    };
    this.#kept = new KeptCredentials(
      keptDeps,
      (id, verdict) => {
        this.#send({ ended: [{ id, verification: toVerification(verdict) }] });
        this.#endIfDone();
      },
      (error) => this.#outbox.end(error),
    );
    coherence.replica.addFollower(this);
    this.#tickLater();
  }

  /** Until the peer has nothing more to ask. Never rejects. */
  async read(requests: AsyncIterable<VerifyStreamRequest>): Promise<void> {
    try {
      for await (const request of requests) {
        if (this.#outbox.hasEnded) return;
        await this.take(request);
      }
      await this.finish();
    } catch (error) {
      this.#outbox.end(error);
    }
  }

  /** One message of the peer's. The next one is to be taken when what is returned has resolved. */
  take(request: VerifyStreamRequest): Promise<void> | undefined {
    for (const id of request.releasedIds) this.#kept.release(id);
    return this.#answer(request.verifications);
  }

  /** Answers that are under way: what goes wrong with them ends the stream. As take. */
  track(answering: Promise<void>): Promise<void> | undefined {
    const work = answering
      .catch((error: unknown) => this.#outbox.end(error))
      .finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
    return this.#underWay.size >= underWayMax ? Promise.race(this.#underWay) : undefined;
  }

  /** The peer has nothing more to ask. Never rejects. */
  async finish(): Promise<void> {
    await Promise.all(this.#underWay);
    this.#isRead = true;
    this.#endIfDone();
  }

  #endIfDone(): void {
    if (this.#isRead && this.#kept.size === 0) this.#outbox.end();
  }

  leave(): void {
    this.#outbox.end();
    this.#cancelTick();
    this.#kept.close();
    this.#deps.coherence.replica.removeFollower(this);
  }

  deliver({ position, scopes }: LogEntry): number | undefined {
    if (!this.#kept.concerns(scopes)) return undefined;
    const { generation } = this.#deps.coherence.replica.basis();
    return this.#judge({ generation, position }, (signal) => this.#kept.changed(scopes, signal));
  }

  reset(to: LogPosition): number | undefined {
    if (this.#kept.size === 0) return undefined;
    return this.#judge(to, (signal) => this.#kept.everythingChanged(signal));
  }

  #judge(at: LogPosition, judge: (signal: AbortSignal) => Promise<number>): number {
    const { replica, clock } = this.#deps.coherence;
    this.#judging = this.#judging
      .then(() => judge(AbortSignal.timeout(askMs)))
      .then((ended) => replica.followerApplied(this, at, ended));
    return clock.monotonicMs() + judgeMsMax;
  }

  /** What memory can tell goes out in one message now, the rest in another one when it is known. */
  #answer(items: readonly StreamedVerification[]): Promise<void> | undefined {
    const now: Answered[] = [];
    const later: Promise<Answered>[] = [];
    for (const item of items) {
      const asked = this.#ask(item);
      const { verdict } = asked;
      if (verdict instanceof Promise)
        later.push(verdict.then((known) => ({ ...asked, item, verdict: known })));
      else now.push({ ...asked, item, verdict });
    }
    this.#sendAnswers(now);
    if (later.length === 0) return undefined;
    return this.track(Promise.all(later).then((answers) => this.#sendAnswers(answers)));
  }

  #ask({ question }: StreamedVerification): Asked {
    const asker = askerOf(this.#call);
    const signal = () => AbortSignal.any([this.#call.signal, AbortSignal.timeout(askMs)]);
    switch (question.case) {
      case "token": {
        const parsed = parseTokenQuestion(question.value);
        const known = verifyTokenNow(this.#deps, parsed, asker);
        return {
          verdict: "locator" in known ? verifyTokenLater(this.#deps, known, signal()) : known,
          again: () => keptToken(parsed, asker),
        };
      }
      case "sshKey": {
        const parsed = parseSshKeyQuestion(question.value);
        const known = verifySshKeyNow(this.#deps, parsed, asker);
        return {
          verdict: "locator" in known ? verifySshKeyLater(this.#deps, known, signal()) : known,
          again: () => keptSshKey(parsed, asker),
        };
      }
      case undefined:
        throw new DomainError("VALIDATION_FAILED", "question is missing");
    }
  }

  #sendAnswers(answers: readonly Answered[]): void {
    if (answers.length === 0) return;
    this.#send({
      answers: answers.map(({ item: { id, question }, verdict }) => ({
        id,
        verification: toVerification(
          verdict,
          question.value?.forCache === true ? this.#deps.clock() : undefined,
        ),
      })),
    });
    // After its answer, so that `ended` never comes before it.
    for (const answered of answers) if (answered.item.keep) this.#keep(answered);
  }

  #keep({ item: { id }, verdict, again }: Answered): void {
    const kept = verdict.result === "valid" ? again() : undefined;
    if (kept === undefined) return;
    if (this.#kept.has(id))
      throw new DomainError("VALIDATION_FAILED", `id ${id} is kept already; take another`);
    if (this.#kept.size >= keptMax) {
      throw new DomainError(
        "TOO_MANY_KEPT",
        `A stream keeps ${keptMax} credentials at most. Open another one.`,
      );
    }
    void this.#kept.keep(id, kept.locator, kept.question, verdict, AbortSignal.timeout(askMs));
  }

  #send(message: MessageInitShape<typeof VerifyStreamResponseSchema>): void {
    if (this.#outbox.push(create(VerifyStreamResponseSchema, message))) return;
    this.#outbox.end(
      new DomainError(
        "STREAM_TOO_SLOW",
        "This stream is read too slowly. Open another one, and read it at once.",
      ),
    );
  }

  #tickLater(): void {
    this.#cancelTick = this.#deps.coherence.clock.after(tickMs, () => void this.#tick());
  }

  /** A stream must not outlive its caller's credential, nor go on where changes don't arrive. */
  async #tick(): Promise<void> {
    try {
      const { replica } = this.#deps.coherence;
      await this.#call.proveAgain();
      if (
        this.#kept.size > 0 &&
        !replica.isCurrent() &&
        !(await replica.confirm(AbortSignal.timeout(askMs)))
      ) {
        throw new DomainError(
          "DEPENDENCY_UNAVAILABLE",
          "Nothing is known of changes at this moment. Verify anew.",
        );
      }
      this.#tickLater();
    } catch (error) {
      this.#outbox.end(error);
    }
  }
}
