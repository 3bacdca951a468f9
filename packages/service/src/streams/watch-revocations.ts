import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import { CacheFollower, type Clock, defaultTiming, type Replica } from "@portcullis/coherence";
import {
  type WatchRevocationsRequest,
  type WatchRevocationsResponse,
  WatchRevocationsResponseSchema,
} from "@portcullis/contracts/portcullis/common/v1/watch_pb.ts";
import { DomainError } from "@portcullis/errors";
import { type Call, callOf } from "../call.ts";
import { Outbox } from "./outbox.ts";

export interface WatchOptions {
  readonly replica: Replica;
  readonly clock: Clock;
  /** Whether the caller may know of changes to that scope. */
  readonly isVisible: (call: Call, scope: string) => boolean;
}

/** Messages that wait for one watcher; one that reads more slowly is cut off. */
const waitingMax = 10_000;

/** Serves WatchRevocations, in any service: the caller's cache is a follower of this replica. */
export function watchRevocations(options: WatchOptions) {
  return async function* (
    requests: AsyncIterable<WatchRevocationsRequest>,
    context: HandlerContext,
  ): AsyncGenerator<MessageInitShape<typeof WatchRevocationsResponseSchema>> {
    const call = callOf(context);
    const watcher = new Watcher(options, call);
    // Not waited for: it ends with the requests, and these end only after the answers have.
    void watcher.read(requests);
    try {
      yield* watcher.outbox;
    } finally {
      watcher.leave();
    }
  };
}

class Watcher {
  readonly outbox = new Outbox<WatchRevocationsResponse>(waitingMax);
  readonly #options: WatchOptions;
  readonly #call: Call;
  readonly #follower: CacheFollower;
  /** Of the request for a lease that is being answered. */
  #nonce = 0n;

  constructor(options: WatchOptions, call: Call) {
    this.#options = options;
    this.#call = call;
    this.#follower = new CacheFollower({
      ...options,
      timing: defaultTiming,
      concerns: (scope) => options.isVisible(call, scope),
      stream: {
        reset: ({ generation, position }) =>
          this.#send({ case: "reset", value: { generation, position: BigInt(position) } }),
        entry: ({ position, scopes }) =>
          this.#send({ case: "entry", value: { position: BigInt(position), scopes: [...scopes] } }),
        lease: (_, ttlMs) => this.#send({ case: "lease", value: { nonce: this.#nonce, ttlMs } }),
        end: () => this.outbox.end(),
      },
    });
    this.#follower.open();
  }

  /** Until the watcher has nothing more to say. Never rejects. */
  async read(requests: AsyncIterable<WatchRevocationsRequest>): Promise<void> {
    try {
      for await (const { message } of requests) {
        if (this.outbox.hasEnded) return;
        if (message.case === "renew") await this.#renew(message.value.nonce);
        if (message.case === "applied") {
          const { position, sessionsClosed } = message.value;
          this.#follower.applied(Number(position), sessionsClosed);
        }
      }
      this.outbox.end();
    } catch (error) {
      this.outbox.end(error);
    }
  }

  /** The stream has ended. What was remembered under its last lease may be answered as long as that lasts. */
  leave(): void {
    this.#follower.end();
  }

  async #renew(nonce: bigint): Promise<void> {
    await this.#call.proveAgain();
    const { replica } = this.#options;
    if (!replica.isCurrent()) await replica.confirm(AbortSignal.timeout(askMs)).catch(() => false);
    this.#nonce = nonce;
    this.#follower.renew(0);
  }

  #send(message: MessageInitShape<typeof WatchRevocationsResponseSchema>["message"] & object): void {
    if (this.outbox.push(create(WatchRevocationsResponseSchema, { message }))) return;
    this.outbox.end(
      new DomainError(
        "STREAM_TOO_SLOW",
        "This stream is read too slowly. Open another one, and read it at once.",
      ),
    );
  }
}

/** How long a watcher's question for a lease waits for the authority, in milliseconds. */
const askMs = 1_000;
