import { create } from "@bufbuild/protobuf";
import {
  VerificationService,
  VerifyStreamRequestSchema,
  type VerifyStreamResponse,
  type Verification as WireVerification,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import type { PortcullisError } from "../portcullis-error.ts";
import type { ReplicaChannel } from "../transport/channel.ts";
import { type Duplex, rpcOf } from "../transport/channel.ts";
import { toSshKeyRequest, toTokenRequest } from "./messages.ts";
import type { Question } from "./question.ts";

/** A question that is put to some replica, again to another one where that is worth it. */
export interface Asked {
  readonly question: Question;
  /** On the monotonic clock. */
  readonly giveUpAtMs: number;
  tries: number;
  readonly answer: (verification: WireVerification | undefined, sentAtMs: number) => void;
  readonly fail: (error: PortcullisError) => void;
}

/** The stream has ended before these were answered. */
export type OnUnanswered = (
  asked: readonly Asked[],
  error: PortcullisError | undefined,
  hasAnswered: boolean,
) => void;

interface Sent {
  readonly asked: Asked;
  readonly sentAtMs: number;
}

const verifyStream = rpcOf(VerificationService.method.verifyStream);

/** Questions and answers over one VerifyStream to one replica. */
export class AnswerStream {
  readonly #duplex: Duplex<ReturnType<typeof requestOf>>;
  readonly #sent = new Map<bigint, Sent>();
  #lastId = 0n;
  #hasAnswered = false;

  constructor(replica: ReplicaChannel, onUnanswered: OnUnanswered) {
    this.#duplex = replica.peer.duplex(verifyStream, {
      onMessage: (response) => {
        this.#hasAnswered = true;
        replica.succeeded();
        this.#take(response);
      },
      onEnd: (error) => onUnanswered(this.#takeAll(), error, this.#hasAnswered),
    });
  }

  ask(batch: readonly Asked[]): readonly bigint[] {
    const sentAtMs = performance.now();
    const items = batch.map((asked) => {
      const id = ++this.#lastId;
      this.#sent.set(id, { asked, sentAtMs });
      return { id, asked };
    });
    this.#duplex.send(requestOf(items));
    return items.map(({ id }) => id);
  }

  /** Those of the questions that are not answered yet; their answers are not waited for any more. */
  take(ids: readonly bigint[]): readonly Asked[] {
    return ids.flatMap((id) => {
      const sent = this.#sent.get(id);
      this.#sent.delete(id);
      return sent === undefined ? [] : [sent.asked];
    });
  }

  close(): readonly Asked[] {
    this.#duplex.cancel();
    return this.#takeAll();
  }

  #take({ answers }: VerifyStreamResponse): void {
    for (const { id, verification } of answers) {
      const sent = this.#sent.get(id);
      if (sent === undefined) continue;
      this.#sent.delete(id);
      sent.asked.answer(verification, sent.sentAtMs);
    }
  }

  #takeAll(): readonly Asked[] {
    return this.take([...this.#sent.keys()]);
  }
}

function requestOf(items: readonly { readonly id: bigint; readonly asked: Asked }[]) {
  return create(VerifyStreamRequestSchema, {
    verifications: items.map(({ id, asked: { question } }) => ({ id, question: toWireQuestion(question) })),
  });
}

/** A question of a stream. */
export function toWireQuestion(question: Question, forCache = true) {
  return question.about === "token"
    ? { case: "token" as const, value: toTokenRequest(question.text, question.of, forCache) }
    : { case: "sshKey" as const, value: toSshKeyRequest(question.text, question.of, forCache) };
}
