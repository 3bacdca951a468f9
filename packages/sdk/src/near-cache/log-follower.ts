import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type Cancel,
  type Clock,
  defaultTiming,
  Lease,
  type Moment,
  momentOf,
  type Scope,
  type ScopeTable,
} from "@portcullis/coherence";
import {
  type CacheLease,
  type WatchRevocationsRequest,
  WatchRevocationsRequestSchema,
  type WatchRevocationsResponse,
} from "@portcullis/contracts/portcullis/common/v1/watch_pb.ts";
import { backoffMs } from "../transport/backoff.ts";

/** A stream of WatchRevocations to one replica. */
export interface WatchStream {
  send(request: WatchRevocationsRequest): void;
  /** No more is sent; what was sent still arrives. */
  end(): void;
  cancel(): void;
}

export interface WatchListener {
  onMessage(response: WatchRevocationsResponse): void;
  /** However it ended, and not before `open` has returned. */
  onEnd(how: WatchEnd): void;
}

/** `refused`: the caller may not follow (any more). `unsupported`: there is no such stream. */
export type WatchEnd = "broken" | "refused" | "unsupported";

/** Opens a stream to a replica, if there are several to another one than the last time. */
export type OpenWatch = (listener: WatchListener) => WatchStream;

export interface LogFollowerOptions {
  readonly open: OpenWatch;
  readonly table: ScopeTable;
  readonly clock: Clock;
  /** Told after the table was. */
  readonly onForgotten?: (change: Change) => void;
}

/** Why something was forgotten. */
export interface Change {
  /** Answers of before say nothing of it. */
  readonly position: number;
  /** What depends on these was forgotten; undefined: everything was. */
  readonly scopes: readonly string[] | undefined;
}

/** What the replica does not answer within this is not waited for, in milliseconds. */
const answerMsMax = 3_000;
/** When to ask again for a lease that was not to be had, in milliseconds. */
const askAgainMs = 200;
/** When to look again for a stream that a service does not have, in milliseconds. */
const unsupportedMs = 60_000;

/**
 * Follows a service's log on a stream to one of its replicas, so that memory may answer: a child lease. The replica
 * tells writers that a change is in force only when this has confirmed it, or when the lease is over.
 */
export class LogFollower {
  readonly #options: LogFollowerOptions;
  #stream: WatchStream | undefined;
  #lease: Lease | undefined;
  #isFollowing = false;
  #nonce = 0n;
  /** When each renewal that is not yet answered was sent. */
  readonly #sentAt = new Map<bigint, Moment>();
  #failures = 0;
  #streams = 0;
  #isClosed = false;
  #cancelTimer: Cancel = () => {};

  constructor(options: LogFollowerOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#stream !== undefined || this.#isClosed) return;
    const number = ++this.#streams;
    const isPresent = () => number === this.#streams && this.#stream !== undefined;
    this.#stream = this.#options.open({
      onMessage: (response) => {
        if (isPresent()) this.#take(response);
      },
      onEnd: (how) => {
        if (isPresent()) this.#ended(how);
      },
    });
    this.#renew();
  }

  /** Memory is not used from now on, and the replica is told so: nobody needs to wait for the rest of the lease. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTimer();
    const isFollowing = this.#isFollowing;
    this.#forget();
    if (isFollowing) {
      this.#send({ case: "returned", value: {} });
      this.#stream?.end();
    } else this.#stream?.cancel();
    this.#stream = undefined;
  }

  /** Whether memory may answer. To be asked after the lookup, in the same turn. */
  isCurrent(): boolean {
    return this.#lease?.isLive() ?? false;
  }

  /**
   * Whether what is answered now may be remembered. Not while there is no stream, though the lease may go on: the
   * replica that gave it holds back its word to writers until the lease is over, which covers what is remembered
   * already. For what would come in now, no entry could arrive, and nothing is gained: the next stream begins with
   * forgetting everything.
   */
  get isFollowing(): boolean {
    return this.#isFollowing;
  }

  leaseRemainingMs(): number {
    return Math.max(0, this.#lease?.remainingMs() ?? 0);
  }

  /** How many streams were opened so far. */
  get streams(): number {
    return this.#streams;
  }

  #take({ message }: WatchRevocationsResponse): void {
    const { table, onForgotten } = this.#options;
    switch (message.case) {
      case "reset": {
        const { generation, position } = message.value;
        // A lease of another stream is about another replica's word: this one may be behind it, and does not wait for
        // that lease. So what is remembered from here on must not be answered under it.
        this.#lease = undefined;
        table.reset({ generation, position: Number(position) });
        this.#isFollowing = true;
        onForgotten?.({ position: Number(position), scopes: undefined });
        if (this.#sentAt.size === 0) this.#renew();
        return;
      }
      case "entry": {
        const { position } = message.value;
        const scopes = message.value.scopes as Scope[]; // a scope's text is opaque here
        // Applied first: a writer takes the confirmation for the end of what was remembered.
        table.touch({ position: Number(position), scopes });
        this.#send({ case: "applied", value: { position } });
        onForgotten?.({ position: Number(position), scopes });
        return;
      }
      case "lease":
        this.#takeLease(message.value);
        return;
      case undefined:
        // Of a newer release, and it may be about what is to be forgotten.
        this.#stream?.cancel();
        this.#ended("unsupported");
        return;
    }
  }

  #takeLease({ nonce, ttlMs }: CacheLease): void {
    const sentAt = this.#sentAt.get(nonce);
    if (sentAt === undefined) return;
    this.#sentAt.clear();
    const { clock } = this.#options;
    if (ttlMs === 0 || !this.#isFollowing) {
      this.#after(askAgainMs, () => this.#renew());
      return;
    }
    this.#failures = 0;
    const lease = new Lease(clock, { ...defaultTiming, leaseMs: ttlMs });
    lease.grant(sentAt);
    if (lease.remainingMs() > this.leaseRemainingMs()) this.#lease = lease;
    this.#after(ttlMs / 3 - (clock.monotonicMs() - sentAt.monotonicMs), () => this.#renew());
  }

  #renew(): void {
    const nonce = ++this.#nonce;
    this.#sentAt.set(nonce, momentOf(this.#options.clock));
    this.#send({ case: "renew", value: { nonce } });
    this.#after(answerMsMax, () => {
      this.#stream?.cancel();
      this.#ended("broken");
    });
  }

  #ended(how: WatchEnd): void {
    this.#stream = undefined;
    this.#isFollowing = false;
    this.#sentAt.clear();
    // Who may not follow may not verify either.
    if (how !== "broken") this.#forget();
    const delayMs = how === "unsupported" ? unsupportedMs : backoffMs(this.#failures++);
    this.#after(delayMs, () => this.start());
  }

  #forget(): void {
    this.#lease = undefined;
    this.#isFollowing = false;
    this.#options.table.close();
  }

  #send(message: MessageInitShape<typeof WatchRevocationsRequestSchema>["message"] & object): void {
    this.#stream?.send(create(WatchRevocationsRequestSchema, { message }));
  }

  /** One thing at a time is waited for. */
  #after(delayMs: number, task: () => void): void {
    this.#cancelTimer();
    if (!this.#isClosed) this.#cancelTimer = this.#options.clock.after(Math.max(0, delayMs), task);
  }
}
