import { CheckService } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import type { CacheAdvice } from "@portcullis/contracts/portcullis/common/v1/watch_pb.ts";
import { PortcullisError, reasonOf } from "../portcullis-error.ts";
import { type Channels, rpcOf } from "../transport/channel.ts";
import type { Pending } from "../transport/coalescer.ts";
import { askReplicas } from "../transport/unary.ts";
import type { CheckQuestion, Decision, Subject } from "./decision.ts";
import {
  type BatchItem,
  parseDecision,
  toBatchRequest,
  toCheckRequest,
  toTokenCheckRequest,
} from "./messages.ts";

const check = rpcOf(CheckService.method.check);
const batchCheck = rpcOf(CheckService.method.batchCheck);

/** What is to be decided about a subject. */
export interface SubjectQuestion {
  readonly subject: Subject;
  readonly question: CheckQuestion;
}

export interface Decided {
  readonly decision: Decision;
  readonly advice: CacheAdvice | undefined;
  /** On the monotonic clock. */
  readonly sentAtMs: number;
}

/** Puts questions to the authorization service, those about the subjects of one account together. */
export class CheckAsker {
  readonly #channels: Channels;
  readonly #timeoutMs: number;

  constructor(channels: Channels, timeoutMs: number) {
    this.#channels = channels;
    this.#timeoutMs = timeoutMs;
  }

  /** Answers or fails each. */
  ask(batch: readonly Pending<SubjectQuestion, Decided>[]): void {
    const byAccount = new Map<string, Pending<SubjectQuestion, Decided>[]>();
    for (const pending of batch) {
      const { subject, question } = pending.question;
      if (question.accountId !== undefined && question.accountId !== subject.accountId) {
        void this.#askAlone(pending);
        continue;
      }
      const together = byAccount.get(subject.accountId);
      if (together === undefined) byAccount.set(subject.accountId, [pending]);
      else together.push(pending);
    }
    for (const [accountId, together] of byAccount) void this.#askTogether(accountId, together);
  }

  async askBatch(accountId: string, items: readonly BatchItem[]): Promise<readonly Decided[]> {
    const sentAtMs = performance.now();
    const request = toBatchRequest(accountId, items);
    const { results, evaluatedRevision } = await askReplicas(
      this.#channels,
      batchCheck,
      request,
      this.#timeoutMs,
    );
    if (results.length !== items.length)
      throw new PortcullisError("INTERNAL", "Not every question was answered.");
    return results.map((result) => ({
      decision: parseDecision(result, evaluatedRevision),
      advice: result.cache,
      sentAtMs,
    }));
  }

  async askAboutToken(
    token: string,
    sourceIp: string | undefined,
    question: CheckQuestion,
  ): Promise<{ readonly decision: Decision; readonly subject: Subject | undefined }> {
    const request = toTokenCheckRequest(token, sourceIp, question);
    const answer = await askReplicas(this.#channels, check, request, this.#timeoutMs);
    const { subject } = answer;
    return {
      decision: parseDecision(answer, answer.evaluatedRevision),
      subject:
        subject === undefined
          ? undefined
          : { accountId: subject.accountId, principalId: subject.principalId },
    };
  }

  async #askTogether(accountId: string, batch: readonly Pending<SubjectQuestion, Decided>[]): Promise<void> {
    const [only] = batch;
    if (only !== undefined && batch.length === 1) return this.#askAlone(only);
    const items = batch.map(({ question: { subject, question } }) => ({
      ...question,
      principalId: subject.principalId,
    }));
    try {
      const decided = await this.askBatch(accountId, items);
      for (const [index, pending] of batch.entries()) {
        const one = decided[index];
        if (one !== undefined) pending.resolve(one);
      }
    } catch (error) {
      // Check tells of a foreign account's subjects that they are unknown, and of a bad question whose it is.
      const isEachItsOwn = reasonOf(error) === "ACCOUNT_NOT_FOUND" || reasonOf(error) === "VALIDATION_FAILED";
      for (const pending of batch) {
        if (isEachItsOwn) void this.#askAlone(pending);
        else pending.reject(error);
      }
    }
  }

  async #askAlone({ question, resolve, reject }: Pending<SubjectQuestion, Decided>): Promise<void> {
    const sentAtMs = performance.now();
    try {
      const request = toCheckRequest(question.subject, question.question);
      const answer = await askReplicas(this.#channels, check, request, this.#timeoutMs);
      const decision = parseDecision(answer, answer.evaluatedRevision);
      resolve({ decision, advice: answer.cache, sentAtMs });
    } catch (error) {
      reject(error);
    }
  }
}
