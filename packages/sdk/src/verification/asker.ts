import { create } from "@bufbuild/protobuf";
import {
  BatchVerifyTokensRequestSchema,
  VerificationService,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { PortcullisError } from "../portcullis-error.ts";
import { backoffMs } from "../transport/backoff.ts";
import { type Channels, type ReplicaChannel, rpcOf } from "../transport/channel.ts";
import { isOfReplica } from "../transport/unary.ts";
import { AnswerStream, type Asked } from "./answer-stream.ts";
import { toSshKeyRequest, toTokenRequest } from "./messages.ts";

const verifyToken = rpcOf(VerificationService.method.verifyToken);
const verifySshKey = rpcOf(VerificationService.method.verifySshKey);
const batchVerifyTokens = rpcOf(VerificationService.method.batchVerifyTokens);

/** A question is put to so many replicas at most. */
const triesMax = 3;

/** Puts questions to the replicas in turn, over a stream to each, or in batches where there are no streams. */
export class Asker {
  readonly #channels: Channels;
  readonly #timeoutMs: number;
  readonly #streams = new Map<ReplicaChannel, AnswerStream>();
  /** Replicas, or what stands before them, that know no VerifyStream. */
  readonly #withoutStreams = new WeakSet<ReplicaChannel>();
  #isClosed = false;

  constructor(channels: Channels, timeoutMs: number) {
    this.#channels = channels;
    this.#timeoutMs = timeoutMs;
  }

  ask(batch: readonly Asked[], not?: ReplicaChannel): void {
    if (this.#isClosed) {
      this.#fail(batch, closed());
      return;
    }
    const replica = this.#channels.next(not);
    for (const asked of batch) asked.tries++;
    if (this.#withoutStreams.has(replica)) this.#askWithoutStream(replica, batch);
    else this.#askOnStream(replica, batch);
  }

  close(): void {
    this.#isClosed = true;
    for (const stream of this.#streams.values()) this.#fail(stream.close(), closed());
    this.#streams.clear();
  }

  #askOnStream(replica: ReplicaChannel, batch: readonly Asked[]): void {
    const stream = this.#streams.get(replica) ?? this.#open(replica);
    const ids = stream.ask(batch);
    setTimeout(() => {
      const late = stream.take(ids);
      if (late.length === 0) return;
      replica.failed();
      this.#again(replica, late, new PortcullisError("DEADLINE_EXCEEDED", "There was no answer in time."));
    }, this.#tryMs(batch)).unref();
  }

  #open(replica: ReplicaChannel): AnswerStream {
    const stream = new AnswerStream(replica, (unanswered, error, hasAnswered) => {
      if (this.#streams.get(replica) === stream) this.#streams.delete(replica);
      if (error?.code === "UNIMPLEMENTED") this.#withoutStreams.add(replica);
      else if (!hasAnswered) replica.failed();
      this.#streamEnded(replica, unanswered, error, hasAnswered);
    });
    this.#streams.set(replica, stream);
    return stream;
  }

  #streamEnded(
    replica: ReplicaChannel,
    unanswered: readonly Asked[],
    error: PortcullisError | undefined,
    hasAnswered: boolean,
  ): void {
    if (error?.code === "UNIMPLEMENTED") {
      this.#askWithoutStream(replica, unanswered);
    } else if (error?.code === "INVALID_ARGUMENT") {
      // One of them is refused, and nobody says which.
      for (const asked of unanswered) void this.#askAlone(replica, asked);
    } else if (error?.code === "UNAUTHENTICATED" || error?.code === "PERMISSION_DENIED") {
      // A stream ends with the token that it was opened with; there may be a new one.
      if (hasAnswered) this.#again(undefined, unanswered, error);
      else this.#fail(unanswered, error);
    } else {
      this.#again(replica, unanswered, error ?? new PortcullisError("UNAVAILABLE", "The stream has ended."));
    }
  }

  #askWithoutStream(replica: ReplicaChannel, batch: readonly Asked[]): void {
    const tokens = batch.filter(({ question }) => question.about === "token");
    if (tokens.length > 0) void this.#askBatch(replica, tokens);
    for (const asked of batch) if (asked.question.about === "ssh_key") void this.#askAlone(replica, asked);
  }

  async #askBatch(replica: ReplicaChannel, batch: readonly Asked[]): Promise<void> {
    const requests = batch.map(({ question }) => toTokenRequest(question.text, question.of, true));
    const sentAtMs = performance.now();
    try {
      const request = create(BatchVerifyTokensRequestSchema, { requests });
      const { verifications } = await replica.peer.unary(batchVerifyTokens, request, this.#tryMs(batch));
      replica.succeeded();
      for (const [index, asked] of batch.entries()) asked.answer(verifications[index], sentAtMs);
    } catch (error) {
      if (isOf(error, "INVALID_ARGUMENT") && batch.length > 1) {
        for (const asked of batch) void this.#askAlone(replica, asked);
      } else this.#againOrFail(replica, batch, error);
    }
  }

  async #askAlone(replica: ReplicaChannel, asked: Asked): Promise<void> {
    const { question } = asked;
    const sentAtMs = performance.now();
    const { peer } = replica;
    const timeoutMs = this.#tryMs([asked]);
    try {
      const { verification } =
        question.about === "token"
          ? await peer.unary(verifyToken, toTokenRequest(question.text, question.of, true), timeoutMs)
          : await peer.unary(verifySshKey, toSshKeyRequest(question.text, question.of, true), timeoutMs);
      replica.succeeded();
      asked.answer(verification, sentAtMs);
    } catch (error) {
      this.#againOrFail(replica, [asked], error);
    }
  }

  #againOrFail(replica: ReplicaChannel, batch: readonly Asked[], error: unknown): void {
    const failure = error instanceof PortcullisError ? error : new PortcullisError("INTERNAL", String(error));
    if (isOfReplica(failure)) {
      replica.failed();
      this.#again(replica, batch, failure);
    } else this.#fail(batch, failure);
  }

  /** Verifications change nothing, and may be asked again: of another replica at once, then with pauses. */
  #again(not: ReplicaChannel | undefined, batch: readonly Asked[], error: PortcullisError): void {
    const nowMs = performance.now();
    const isWorthIt = (asked: Asked) => asked.tries < triesMax && asked.giveUpAtMs > nowMs;
    const again = batch.filter(isWorthIt);
    this.#fail(
      batch.filter((asked) => !isWorthIt(asked)),
      error,
    );
    if (again.length === 0) return;
    const isFirst = again.every(({ tries }) => tries === 1);
    if (isFirst && this.#channels.count > 1) this.ask(again, not);
    else setTimeout(() => this.ask(again, not), backoffMs(again[0]?.tries ?? 0)).unref();
  }

  #fail(batch: readonly Asked[], error: PortcullisError): void {
    for (const asked of batch) asked.fail(error);
  }

  /** A replica that hangs must leave time to ask another one. */
  #tryMs(batch: readonly Asked[]): number {
    const leftMs = Math.min(...batch.map(({ giveUpAtMs }) => giveUpAtMs)) - performance.now();
    const isLast = batch.some(({ tries }) => tries >= triesMax) || this.#channels.count === 1;
    return Math.max(1, isLast ? leftMs : Math.min(leftMs, this.#timeoutMs / triesMax));
  }
}

function isOf(error: unknown, code: PortcullisError["code"]): boolean {
  return error instanceof PortcullisError && error.code === code;
}

/** For whoever asks after `close`. */
export function closed(): PortcullisError {
  return new PortcullisError("CANCELLED", "This was closed.");
}
