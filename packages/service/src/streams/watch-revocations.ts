import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import {
  CacheFollower,
  type CacheStream,
  type Clock,
  type LogEntry,
  type LogPosition,
  type Replica,
  type Timing,
} from "@portcullis/coherence";
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
  readonly timing: Timing;
  /** Whether the caller may know of changes to that scope. */
  readonly isVisible: (call: Call, scope: string) => boolean;
}

/** Messages that wait for one watcher; one that reads more slowly is cut off. */
const waitingMax = 10_000;
/** How long a watcher's question for a lease waits for the authority, in milliseconds. */
const askMsMax = 1_000;

/** Serves WatchRevocations, in any service, on the control plane. */
export function watchRevocations(options: WatchOptions) {
  const watch = revocationWatch(options);
  return (requests: AsyncIterable<WatchRevocationsRequest>, context: HandlerContext) =>
    watch(requests, callOf(context));
}

/** The same for any door: the caller's cache is a follower of this replica. */
export function revocationWatch(options: WatchOptions) {
  return async function* (
    requests: AsyncIterable<WatchRevocationsRequest>,
    call: Call,
  ): AsyncGenerator<WatchRevocationsResponse> {
    const stream = new WatcherStream();
    const follower = new CacheFollower({
      ...options,
      stream,
      concerns: (scope) => options.isVisible(call, scope),
    });
    // Not waited for: it ends with the requests, and these end only after the answers have.
    void read(requests, follower, stream, options.replica, call);
    try {
      yield* stream.outbox;
    } finally {
      follower.end();
    }
  };
}

/** Until the watcher has nothing more to say. Never rejects. */
async function read(
  requests: AsyncIterable<WatchRevocationsRequest>,
  follower: CacheFollower,
  stream: WatcherStream,
  replica: Replica,
  call: Call,
): Promise<void> {
  try {
    // Nobody can be told from where on to remember before this replica knows it itself.
    await requireCurrent(replica);
    follower.open();
    for await (const { message } of requests) {
      if (stream.outbox.hasEnded) return;
      if (message.case === "renew") {
        await call.proveAgain();
        await requireCurrent(replica);
        follower.renew(Number(message.value.nonce));
      }
      if (message.case === "applied") {
        follower.applied(Number(message.value.position), message.value.sessionsClosed);
      }
      if (message.case === "returned") follower.returned();
    }
    stream.end();
  } catch (error) {
    stream.fail(error);
  }
}

/** A watcher that can't be served here finds another replica. */
async function requireCurrent(replica: Replica): Promise<void> {
  if (replica.isCurrent()) return;
  if (await replica.confirm(AbortSignal.timeout(askMsMax)).catch(() => false)) return;
  throw new DomainError(
    "DEPENDENCY_UNAVAILABLE",
    "This replica does not know of changes at this moment. Ask another one.",
  );
}

/** What is said to the watcher, as messages. */
class WatcherStream implements CacheStream {
  readonly outbox = new Outbox<WatchRevocationsResponse>(waitingMax);

  reset({ generation, position }: LogPosition): void {
    this.#send({ case: "reset", value: { generation, position: BigInt(position) } });
  }

  entry({ position, scopes }: LogEntry): void {
    this.#send({ case: "entry", value: { position: BigInt(position), scopes: [...scopes] } });
  }

  lease(nonce: number, ttlMs: number): void {
    this.#send({ case: "lease", value: { nonce: BigInt(nonce), ttlMs } });
  }

  end(): void {
    this.outbox.end();
  }

  fail(error: unknown): void {
    this.outbox.end(error);
  }

  #send(message: MessageInitShape<typeof WatchRevocationsResponseSchema>["message"] & object): void {
    if (this.outbox.push(create(WatchRevocationsResponseSchema, { message }))) return;
    this.fail(
      new DomainError(
        "STREAM_TOO_SLOW",
        "This stream is read too slowly. Open another one, and read it at once.",
      ),
    );
  }
}
