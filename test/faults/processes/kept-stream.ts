import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";
import {
  VerificationResult as Result,
  type VerificationService,
  type VerifyStreamRequestSchema,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { Outbox } from "@portcullis/service";

/** What opens something that lasts, e.g. a tunnel. */
export interface Opener {
  readonly kind: "token" | "sshKey";
  readonly name: string;
}

/** A stream of verifications that keeps what it has opened. */
export class KeptStream {
  readonly #requests = new Outbox<MessageInitShape<typeof VerifyStreamRequestSchema>>(10_000);
  readonly #answers = new Map<bigint, PromiseWithResolvers<Result | undefined>>();
  readonly #endings = new Map<string, PromiseWithResolvers<Result | undefined>>();
  readonly #names = new Map<bigint, string>();
  readonly #cutting = new AbortController();
  readonly #reading: Promise<void>;
  #ids = 0n;

  constructor(client: Client<typeof VerificationService>) {
    this.#reading = this.#read(client).catch((error: unknown) => {
      for (const { reject } of [...this.#answers.values(), ...this.#endings.values()]) reject(error);
    });
  }

  /** What was answered. */
  keep({ kind, name }: Opener): Promise<Result | undefined> {
    const id = ++this.#ids;
    const answer = Promise.withResolvers<Result | undefined>();
    const ending = Promise.withResolvers<Result | undefined>();
    ending.promise.catch(() => {});
    this.#answers.set(id, answer);
    this.#endings.set(name, ending);
    this.#names.set(id, name);
    const question =
      kind === "token"
        ? ({ case: "token", value: { token: name } } as const)
        : ({ case: "sshKey", value: { publicKey: name } } as const);
    this.#requests.push({ verifications: [{ id, question, keep: true }] });
    return answer.promise;
  }

  /** Why it has ended, once it has. */
  ended({ name }: Opener): Promise<Result | undefined> {
    return this.#endings.get(name)?.promise ?? Promise.reject(new Error("it was never kept"));
  }

  async close(): Promise<void> {
    this.#cutting.abort();
    await this.#reading;
  }

  async #read(client: Client<typeof VerificationService>): Promise<void> {
    for await (const { answers, ended } of client.verifyStream(this.#requests, {
      signal: this.#cutting.signal,
    })) {
      for (const { id, verification } of answers) this.#answers.get(id)?.resolve(verification?.result);
      for (const { id, verification } of ended) {
        this.#endings.get(this.#names.get(id) ?? "")?.resolve(verification?.result);
      }
    }
  }
}
