import type { Authority, Incarnation, SyncAnswer } from "./authority.ts";
import type { Arrival, Receiver } from "./channel.ts";
import { type Cancel, type Clock, momentOf } from "./clock.ts";
import { type Follower, Followers } from "./followers.ts";
import { Lease } from "./lease.ts";
import type { LogEntry, LogPosition } from "./log-entry.ts";
import type { ScopeTable } from "./scope-table.ts";
import type { Timing } from "./timing.ts";
import { within } from "./within.ts";

/**
 * How memory may be used. `strict`: under a lease, else the authority is asked. `linearizable`: the authority is asked
 * each time; answers in flight share one question. `bounded`: as strict, but when the authority can't be reached
 * what is known may be answered for that long, in milliseconds: the promise is given up for availability.
 */
export type Mode =
  | { readonly kind: "strict" }
  | { readonly kind: "linearizable" }
  | { readonly kind: "bounded"; readonly staleMsMax: number };

export interface ReplicaDeps {
  readonly authority: Authority;
  readonly receiver: Receiver;
  readonly table: ScopeTable;
  readonly clock: Clock;
  /** A new one for each call. */
  readonly newIncarnation: () => string;
  /** Told when the authority can't be reached; every time. */
  readonly onError: (error: unknown) => void;
}

export interface ReplicaOptions {
  /** Of this process, unlike any other's. */
  readonly replica: string;
  readonly timing: Timing;
  readonly mode: Mode;
  /** One that is further behind forgets everything instead of catching up. Entries. */
  readonly syncEntriesMax: number;
}

/** Of what an answer from memory, or one that was just read, is true. */
export interface Basis extends LogPosition {
  /** By how much it may be behind what was acknowledged to writers, in milliseconds; 0 but in the mode `bounded`. */
  readonly staleMsMax: number;
}

/** A process that remembers what the authority has said, and when it may say it again. */
export class Replica {
  readonly #deps: ReplicaDeps;
  readonly #options: ReplicaOptions;
  readonly #lease: Lease;
  readonly #followers = new Followers();
  #self: Incarnation | undefined;
  /** What is applied, all entries up to there. Undefined: nothing is known. */
  #applied: LogPosition | undefined;
  #channelKey: Uint8Array = new Uint8Array();
  #arrivalsSeen = 0;
  #gaps = 0;
  #isHeld = false;
  #acknowledged = 0;
  #syncing: Promise<boolean> | undefined;
  /** The sync that begins once the one under way has ended. */
  #next: PromiseWithResolvers<boolean> | undefined;
  #cancelTimer: Cancel = () => {};
  #cancelDeadline: Cancel = () => {};
  #onMoreSettled: () => void = () => {};
  readonly #stopping = new AbortController();

  constructor(deps: ReplicaDeps, options: ReplicaOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#lease = new Lease(deps.clock, options.timing);
  }

  /** Begins to follow the log. Resolves after the first attempt, true if memory can be used from now on. */
  start(): Promise<boolean> {
    this.#deps.receiver.onArrival(() => this.#takeArrivals());
    return this.#sync();
  }

  /**
   * Whether memory may answer at this moment. To be asked before the lookup whose result is answered, in the same
   * turn: this call takes in what was announced, and is the moment that the answer is true of. No I/O, no await.
   */
  isCurrent(): boolean {
    if (this.#deps.receiver.arrivals() !== this.#arrivalsSeen) this.#takeArrivals();
    const { mode } = this.#options;
    switch (mode.kind) {
      case "strict":
        return this.#lease.isLive();
      case "linearizable":
        return false;
      case "bounded":
        return this.#lease.isLive() || (this.#applied !== undefined && this.#lease.ageMs() < mode.staleMsMax);
    }
  }

  /**
   * Has the authority asked after the call, once for all who call before the question goes out; true: memory may be
   * answered from in the turn in which this resolves; false: it could not be reached.
   */
  async confirm(signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await Promise.race([this.#syncAfterNow(), aborted]);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** What an answer from memory rests on, in the turn in which isCurrent or confirm was true. */
  basis(): Basis {
    const { generation, position } = this.#applied ?? { generation: "", position: 0 };
    const isStale = this.#options.mode.kind === "bounded" && !this.#lease.isLive();
    return { generation, position, staleMsMax: isStale ? Math.ceil(this.#lease.ageMs()) : 0 };
  }

  /** What is applied: a value that is read from the authority after this may be remembered with it. 0: nothing. */
  get position(): number {
    return this.#applied?.position ?? 0;
  }

  /** How long a follower's memory may be used, from now on: no longer than this one's. Milliseconds; 0: not at all. */
  leaseForFollowersMs(): number {
    if (this.#options.mode.kind !== "strict") return 0;
    return this.isCurrent() ? this.#lease.remainingMs() : 0;
  }

  /** From its return on no entry is acknowledged that was not delivered to the follower, if it came later. */
  addFollower(follower: Follower): void {
    this.#followers.add(follower);
    this.#hold(true);
    this.#takeArrivals();
  }

  /** Only when nothing that it was sent can be used any more: for a cache, when its last lease is over. */
  removeFollower(follower: Follower): void {
    this.#followers.remove(follower);
    this.#acknowledgeSettled();
    if (this.#followers.size === 0) this.#hold(false);
  }

  /** The follower has applied what was delivered up to there. Of another generation than the present one: nothing. */
  followerApplied(follower: Follower, at: LogPosition, sessionsClosed: number): void {
    if (this.#applied?.generation !== at.generation) return;
    this.#followers.acknowledge(follower, at.position, sessionsClosed);
    this.#acknowledgeSettled();
  }

  /**
   * Ends the use of memory, here and at the followers, then the registration, so that writers need not wait for this
   * replica any more.
   */
  async stop(signal: AbortSignal): Promise<void> {
    this.#stopping.abort(new Error("the replica is stopping"));
    this.#cancelTimer();
    await this.#syncing;
    const self = this.#self;
    const applied = this.#applied ?? { generation: "", position: 0 };
    this.#forget();
    await this.#stopFollowers(applied, signal);
    if (self !== undefined) await this.#deps.authority.unregister(self, signal);
  }

  async #stopFollowers(applied: LogPosition, signal: AbortSignal): Promise<void> {
    // Nothing can be answered by it any more, but followers confirm that place.
    this.#applied = applied;
    this.#followers.reset(applied);
    while (this.#settled() < applied.position) {
      signal.throwIfAborted();
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#onMoreSettled = resolve;
      this.#acknowledgeSettled();
      await promise;
    }
    this.#cancelDeadline();
    this.#applied = undefined;
  }

  #takeArrivals(): void {
    const { receiver } = this.#deps;
    // Read first: what arrives while there is taken is looked for again.
    this.#arrivalsSeen = receiver.arrivals();
    for (let arrival = receiver.take(); arrival !== undefined; arrival = receiver.take()) {
      this.#takeArrival(arrival);
    }
    this.#acknowledgeSettled();
  }

  #takeArrival(arrival: Arrival): void {
    if (this.#applied === undefined) return;
    const { generation, position } = this.#applied;
    if (arrival.kind === "entry" && arrival.generation === generation) {
      if (arrival.entry.position <= position + 1) {
        this.#apply(arrival.entry);
        return;
      }
    }
    this.#gaps++;
    this.#lease.suspend();
    void this.#syncAfterNow();
  }

  #apply(entry: LogEntry): void {
    if (this.#applied === undefined || entry.position <= this.#applied.position) return;
    this.#deps.table.touch(entry);
    this.#applied = { generation: this.#applied.generation, position: entry.position };
    this.#followers.deliver(entry);
  }

  /** What the followers' word was missing for; without any, the receiver acknowledges by itself. */
  #acknowledgeSettled(): void {
    if (!this.#isHeld || this.#applied === undefined) return;
    const { clock, receiver } = this.#deps;
    const settled = this.#settled();
    receiver.acknowledge(settled, this.#followers.sessionsClosed);
    this.#cancelDeadline();
    const deadline = this.#followers.nextDeadline();
    if (deadline === undefined) {
      this.#onMoreSettled();
      return;
    }
    this.#cancelDeadline = clock.after(Math.max(1, deadline - clock.monotonicMs()), () =>
      this.#acknowledgeSettled(),
    );
  }

  #hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.#deps.receiver.hold(isHeld);
  }

  #settled(): number {
    return this.#followers.settledUpTo(this.position, this.#deps.clock.monotonicMs());
  }

  /** A sync that begins after the call; shared by all who ask for one before it does. */
  #syncAfterNow(): Promise<boolean> {
    if (this.#syncing === undefined) return this.#sync();
    this.#next ??= Promise.withResolvers<boolean>();
    return this.#next.promise;
  }

  #sync(): Promise<boolean> {
    this.#cancelTimer();
    this.#syncing = this.#attempt().then((isDone) => {
      this.#syncing = undefined;
      const next = this.#next;
      this.#next = undefined;
      if (next !== undefined) next.resolve(this.#sync());
      else this.#syncLater(isDone);
      return isDone;
    });
    return this.#syncing;
  }

  #syncLater(wasDone: boolean): void {
    if (this.#stopping.signal.aborted) return;
    const delayMs = this.#options.timing.leaseMs / (wasDone ? 3 : 10);
    this.#cancelTimer = this.#deps.clock.after(delayMs, () => {
      if (this.#syncing === undefined) void this.#sync();
    });
  }

  /** Never rejects. */
  async #attempt(): Promise<boolean> {
    if (this.#stopping.signal.aborted) return false;
    try {
      return await this.#inTime(async (signal) => {
        // Twice: the first may learn that the registration is gone.
        return (await this.#syncOnce(signal)) || (await this.#syncOnce(signal));
      });
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#deps.onError(error);
      return false;
    }
  }

  #inTime<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return within(this.#deps.clock, this.#options.timing.leaseMs, this.#stopping.signal, work);
  }

  async #syncOnce(signal: AbortSignal): Promise<boolean> {
    const { authority, clock } = this.#deps;
    // Registered first, and only then the head is read: a writer that this read does not see must see us.
    this.#self ??= await this.#register(signal);
    const self = this.#self;
    const start = momentOf(clock);
    const gaps = this.#gaps;
    const answer = await authority.sync(self, this.position, this.#options.syncEntriesMax, signal);
    if (this.#stopping.signal.aborted) return false;
    if (!answer.isRegistered) {
      this.#forget();
      return false;
    }
    this.#absorb(answer);
    // What was announced since the question went out may not be part of the answer.
    if (gaps === this.#gaps) this.#lease.grant(start);
    this.#tellReceiver(self);
    this.#acknowledgeSettled();
    void this.#acknowledgeToAuthority(self);
    return true;
  }

  async #register(signal: AbortSignal): Promise<Incarnation> {
    const self = { replica: this.#options.replica, incarnation: this.#deps.newIncarnation() };
    await this.#deps.authority.register(self, this.#options.timing.leaseMs, signal);
    return self;
  }

  #absorb({ head, entries, channelKey }: SyncAnswer): void {
    this.#channelKey = channelKey;
    const applied = this.#applied;
    if (applied === undefined || applied.generation !== head.generation) {
      this.#startAt(head, entries);
      return;
    }
    // Pushes may have brought more, meanwhile, than the answer knows.
    if (applied.position >= head.position) return;
    const first = entries[0]?.position ?? Number.POSITIVE_INFINITY;
    if (first > applied.position + 1 || !areAll(entries, head)) {
      this.#startAt(head, entries);
      return;
    }
    for (const entry of entries) this.#apply(entry);
  }

  /** Forgets what was remembered. What is known of the log's end still fences values that were read before. */
  #startAt(head: LogPosition, entries: readonly LogEntry[]): void {
    const { table } = this.#deps;
    const first = areAll(entries, head) ? entries[0] : undefined;
    table.reset({
      generation: head.generation,
      position: first === undefined ? head.position : first.position - 1,
    });
    if (first !== undefined) for (const entry of entries) table.touch(entry);
    this.#applied = head;
    this.#acknowledged = 0;
    this.#followers.reset(head);
  }

  /** What followers have they keep for as long as their leases last: they are waited for when this one starts anew. */
  #forget(): void {
    this.#lease.drop();
    this.#deps.receiver.unfollow();
    this.#deps.table.close();
    this.#self = undefined;
    this.#applied = undefined;
    this.#acknowledged = 0;
  }

  #tellReceiver(self: Incarnation): void {
    if (this.#applied === undefined) return;
    this.#deps.receiver.follow({ ...self, ...this.#applied, key: this.#channelKey });
  }

  /** For writers that the channel does not reach. Never rejects: what fails is tried again after the next sync. */
  async #acknowledgeToAuthority(self: Incarnation): Promise<void> {
    const settled = this.#settled();
    if (this.#applied === undefined || settled <= this.#acknowledged) return;
    const before = this.#acknowledged;
    this.#acknowledged = settled;
    try {
      const at = { generation: this.#applied.generation, position: settled };
      await this.#inTime((signal) => this.#deps.authority.acknowledge(self, at, signal));
    } catch (error) {
      this.#acknowledged = Math.min(before, this.#acknowledged);
      if (!this.#stopping.signal.aborted) this.#deps.onError(error);
    }
  }
}

/** Whether the entries go on to the head without a gap. */
function areAll(entries: readonly LogEntry[], head: LogPosition): boolean {
  const last = entries.at(-1);
  return (
    last?.position === head.position &&
    entries.every(({ position }, index) => position === head.position - (entries.length - 1 - index))
  );
}
