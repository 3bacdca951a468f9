import { create } from "@bufbuild/protobuf";
import {
  VerificationService,
  VerifyStreamRequestSchema,
  type Verification as WireVerification,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import type { PortcullisError } from "../portcullis-error.ts";
import { type Duplex, type ReplicaChannel, rpcOf } from "../transport/channel.ts";
import { toWireQuestion } from "./answer-stream.ts";
import type { Question } from "./question.ts";

const verifyStream = rpcOf(VerificationService.method.verifyStream);

/** The service keeps no more on one stream. */
export const keptMax = 10_000;
const batchMax = 1_000;

/** Something that is to be kept. */
export interface ToKeep {
  readonly question: Question;
  answered(verification: WireVerification | undefined): void;
  ended(verification: WireVerification | undefined): void;
}

/** Credentials that one replica keeps an eye on, over one stream. */
export class KeptStream<Kept extends ToKeep> {
  readonly #kept = new Map<bigint, Kept>();
  readonly #duplex: Duplex<ReturnType<typeof requestOf>>;
  #lastId = 0n;
  #toAsk: { readonly id: bigint; readonly question: Question }[] = [];
  #toRelease: bigint[] = [];
  #isSendDue = false;
  isOpen = true;

  constructor(
    replica: ReplicaChannel,
    onEnd: (kept: readonly Kept[], error: PortcullisError | undefined) => void,
  ) {
    this.#duplex = replica.peer.duplex(verifyStream, {
      onMessage: ({ answers, ended }) => {
        replica.succeeded();
        for (const { id, verification } of answers) this.#kept.get(id)?.answered(verification);
        for (const { id, verification } of ended) {
          const kept = this.#kept.get(id);
          this.#kept.delete(id);
          kept?.ended(verification);
        }
      },
      onEnd: (error) => {
        this.isOpen = false;
        const kept = [...this.#kept.values()];
        this.#kept.clear();
        onEnd(kept, error);
      },
    });
  }

  get size(): number {
    return this.#kept.size;
  }

  /** Returns what ends it: nothing is told of it from then on. */
  keep(toKeep: Kept): () => void {
    const id = ++this.#lastId;
    this.#kept.set(id, toKeep);
    this.#toAsk.push({ id, question: toKeep.question });
    this.#sendSoon();
    return () => {
      if (!this.#kept.delete(id)) return;
      this.#toRelease.push(id);
      this.#sendSoon();
    };
  }

  close(): void {
    this.isOpen = false;
    this.#duplex.cancel();
    this.#kept.clear();
  }

  #sendSoon(): void {
    if (this.#isSendDue) return;
    this.#isSendDue = true;
    setImmediate(() => this.#send());
  }

  /** Questions first: what was kept and released within a turn is released after it was kept. */
  #send(): void {
    this.#isSendDue = false;
    const [toAsk, toRelease] = [this.#toAsk, this.#toRelease];
    this.#toAsk = [];
    this.#toRelease = [];
    for (let from = 0; from < toAsk.length; from += batchMax)
      this.#duplex.send(requestOf(toAsk.slice(from, from + batchMax), []));
    for (let from = 0; from < toRelease.length; from += batchMax)
      this.#duplex.send(requestOf([], toRelease.slice(from, from + batchMax)));
  }
}

function requestOf(
  toAsk: readonly { readonly id: bigint; readonly question: Question }[],
  releasedIds: readonly bigint[],
) {
  return create(VerifyStreamRequestSchema, {
    verifications: toAsk.map(({ id, question }) => ({
      id,
      question: toWireQuestion(question, false),
      keep: true,
    })),
    releasedIds: [...releasedIds],
  });
}
