import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import type { Clock, Follower, LogEntry, Replica } from "@portcullis/coherence";
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
  ): AsyncGenerator<MessageInitShape<typeof WatchRevocationsResponseSchema>> {
    const watcher = new Watcher(options, call);
    const reading = watcher.read(requests);
    try {
      yield* watcher.outbox;
    } finally {
      watcher.leave();
      await reading;
    }
  };
}

class Watcher implements Follower {
  readonly outbox = new Outbox<WatchRevocationsResponse>(waitingMax);
  readonly #options: WatchOptions;
  readonly #call: Call;
  /** When the last lease that was sent is over for certain, by this replica's clock. */
  #leaseOverAtMs = 0;
  #mustReset = true;

  constructor(options: WatchOptions, call: Call) {
    this.#options = options;
    this.#call = call;
    options.replica.addFollower(this);
  }

  /** Until the watcher has nothing more to say. Never rejects. */
  async read(requests: AsyncIterable<WatchRevocationsRequest>): Promise<void> {
    try {
      for await (const { message } of requests) {
        if (message.case === "renew") await this.#renew(message.value.nonce);
        if (message.case === "applied") {
          const { position, sessionsClosed } = message.value;
          this.#options.replica.followerApplied(this, Number(position), sessionsClosed);
        }
      }
      this.outbox.end();
    } catch (error) {
      this.outbox.end(error);
    }
  }

  /** The stream has ended. What was remembered under its last lease may be answered as long as that lasts. */
  leave(): void {
    this.outbox.end();
    const { clock, replica } = this.#options;
    const leftMs = this.#leaseOverAtMs - clock.monotonicMs();
    if (leftMs <= 0) replica.removeFollower(this);
    else clock.after(leftMs, () => replica.removeFollower(this));
  }

  deliver({ position, scopes }: LogEntry): number | undefined {
    const visible = scopes.filter((scope) => this.#options.isVisible(this.#call, scope));
    if (visible.length === 0) return undefined;
    this.#resetIfNeeded();
    this.#send({ message: { case: "entry", value: { position: BigInt(position), scopes: visible } } });
    return this.#leaseOverAtMs;
  }

  reset(): number | undefined {
    this.#mustReset = true;
    return this.#leaseOverAtMs;
  }

  async #renew(nonce: bigint): Promise<void> {
    await this.#call.proveAgain();
    const { replica, clock } = this.#options;
    if (!replica.isCurrent()) await replica.confirm(AbortSignal.timeout(askMs)).catch(() => false);
    // Whole milliseconds, downward.
    const ttlMs = Math.floor(replica.leaseForFollowersMs());
    this.#resetIfNeeded();
    if (ttlMs > 0) {
      const overAtMs = clock.monotonicMs() + ttlMs * driftAllowed + 1;
      this.#leaseOverAtMs = Math.max(this.#leaseOverAtMs, overAtMs);
    }
    this.#send({ message: { case: "lease", value: { nonce, ttlMs: Math.max(0, ttlMs) } } });
  }

  #resetIfNeeded(): void {
    if (!this.#mustReset) return;
    this.#mustReset = false;
    const { generation, position } = this.#options.replica.basis();
    this.#send({ message: { case: "reset", value: { generation, position: BigInt(position) } } });
  }

  #send(message: MessageInitShape<typeof WatchRevocationsResponseSchema>): void {
    if (this.outbox.push(create(WatchRevocationsResponseSchema, message))) return;
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
/** Its clock may be slower than ours. */
const driftAllowed = 1.002;
