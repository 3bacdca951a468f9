import type { Authority, Incarnation, Registration } from "./authority.ts";
import type { Channel } from "./channel.ts";
import type { Clock } from "./clock.ts";
import type { LogPosition } from "./log-entry.ts";
import type { Acknowledgement } from "./push.ts";
import type { Scope } from "./scope.ts";
import { leaseOverAfterMs, type Timing } from "./timing.ts";
import { within } from "./within.ts";

export interface SettlerDeps {
  readonly authority: Authority;
  readonly channel: Channel;
  readonly clock: Clock;
  /** Told of what could not be tidied up, which the next writer will. */
  readonly onError: (error: unknown) => void;
}

/** What was committed, and when. */
export interface Committed {
  readonly at: LogPosition;
  readonly channelKey: Uint8Array;
  /** What the entry at that position touches; undefined if the change found nothing to do, and `at` is the head that it saw. */
  readonly scopes: readonly Scope[] | undefined;
  /** By the writer's monotonic clock: not before the commit. Milliseconds. */
  readonly committedMonotonicMs: number;
}

/** Why nothing of before the change can be answered any more by one of the replicas. */
export interface Verifier {
  readonly replica: string;
  readonly outcome: "acknowledged" | "lease_over";
}

export interface Settlement {
  readonly at: LogPosition;
  /** Milliseconds since 1970. */
  readonly effectiveWallMs: number;
  readonly method: "acknowledged" | "waited";
  readonly verifiers: readonly Verifier[];
  /** Open sessions that were ended for it, as far as replicas have told. */
  readonly sessionsClosed: number;
}

/** How often what is outstanding is pushed again and the registry read again, in milliseconds. */
const repeatMs = 100;
/** How long the authority is given to tidy up. Milliseconds. */
const tidyMs = 5_000;
/** Acknowledgements of so many replicas are remembered. */
const replicasMax = 10_000;

/** It is not known whether the change is in force everywhere. It is committed; asking again may tell. */
export class UnsettledError extends Error {
  override readonly name = "UnsettledError";
}

interface Known {
  readonly generation: string;
  position: number;
  /** By the position acknowledged, of the last few. */
  readonly sessionsClosed: Map<number, number>;
}

/** A replica that could answer from before the change. */
interface Required {
  readonly registration: Registration;
  /** What it is registered as, now. */
  current: string;
}

/**
 * Invariant I3: a writer returns when every replica that was registered after its commit has acknowledged the
 * entry, or when every lease from before the commit is over.
 */
export class Settler {
  readonly #deps: SettlerDeps;
  readonly #timing: Timing;
  readonly #known = new Map<string, Known>();
  readonly #waiters = new Set<() => void>();
  /** Since when each dead incarnation is known to be dead here, by the monotonic clock. */
  readonly #deadSince = new Map<string, number>();
  readonly #pastGenerations = new Set<string>();
  #generation: { readonly name: string; readonly sinceMs: number } | undefined;

  constructor(deps: SettlerDeps, timing: Timing) {
    this.#deps = deps;
    this.#timing = timing;
    deps.channel.onAcknowledgement((ack) => this.#onAcknowledgement(ack));
  }

  /**
   * For the generation that the authority is found in, as early as possible: for a lease's time after a new one was
   * first seen, acknowledgements alone don't settle anything, for the registry of a log that was restored may lack
   * replicas that still hold a lease. One that was followed by another does not come back.
   */
  sawGeneration(generation: string): void {
    if (this.#generation?.name === generation || this.#pastGenerations.has(generation)) return;
    if (this.#generation !== undefined) this.#pastGenerations.add(this.#generation.name);
    this.#generation = { name: generation, sinceMs: this.#deps.clock.monotonicMs() };
    this.#deadSince.clear();
    this.#wake();
  }

  /**
   * Resolves when no replica can answer from before the change any more. Rejects with UnsettledError if the
   * registry could not be read, or the log was replaced meanwhile, or with the signal's reason.
   */
  async settle(change: Committed, signal: AbortSignal): Promise<Settlement> {
    signal.throwIfAborted();
    const { clock, channel } = this.#deps;
    this.sawGeneration(change.at.generation);
    channel.useKey(change.at.generation, change.channelKey);
    this.#push(change);
    const required = await this.#required(change, signal);
    const outstanding = new Map(required);
    const over = new AbortController();
    try {
      let isReading = false;
      for (let repeatAt = clock.monotonicMs() + repeatMs; ; ) {
        if (this.#pastGenerations.has(change.at.generation)) {
          throw new UnsettledError("the log was replaced by another");
        }
        this.#strikeAcknowledged(outstanding, change.at);
        const now = clock.monotonicMs();
        const deadline = this.#deadline(outstanding, change);
        if (now >= deadline) {
          this.#bury(outstanding, change.at);
          return this.#settlement(change, required, outstanding);
        }
        if (now >= repeatAt) {
          repeatAt = now + repeatMs;
          this.#push(change);
          if (!isReading) {
            isReading = true;
            void this.#strikeRegistered(outstanding, change, over.signal).finally(() => {
              isReading = false;
            });
          }
        }
        await this.#somethingHappens(Math.min(deadline, repeatAt), signal);
      }
    } finally {
      over.abort(new Error("the change is settled"));
    }
  }

  #push({ at, scopes, channelKey }: Committed): void {
    this.#deps.channel.push({ ...at, writer: this.#deps.channel.writer, scopes }, channelKey);
  }

  /** Read after the commit, in a statement of its own: who registers later reads a head that has the change. */
  async #required(change: Committed, signal: AbortSignal): Promise<Map<string, Required>> {
    const { clock } = this.#deps;
    const deadline = change.committedMonotonicMs + leaseOverAfterMs(this.#timing.leaseMs, this.#timing);
    for (;;) {
      try {
        const found = await this.#registrations(signal);
        const now = clock.monotonicMs();
        const required = new Map<string, Required>();
        for (const registration of found) {
          if (this.#isDeadForLong(registration, now)) continue;
          required.set(registration.replica, { registration, current: nameOf(registration) });
        }
        this.#noteAcknowledged(found, change.at);
        return required;
      } catch (error) {
        signal.throwIfAborted();
        if (clock.monotonicMs() >= deadline) {
          throw new UnsettledError("the registry of replicas can't be read", { cause: error });
        }
      }
      await this.#somethingHappens(clock.monotonicMs() + repeatMs, signal);
    }
  }

  async #registrations(signal: AbortSignal): Promise<readonly Registration[]> {
    const { clock, authority } = this.#deps;
    const timeoutMs = Math.max(repeatMs, this.#timing.leaseMs / 4);
    const found = await within(clock, timeoutMs, signal, (inTime) => authority.registrations(inTime));
    this.#noteDead(found);
    return found;
  }

  #strikeAcknowledged(outstanding: Map<string, Required>, at: LogPosition): void {
    for (const [replica, { current }] of outstanding) {
      if (this.#hasAcknowledged(current, at)) outstanding.delete(replica);
    }
  }

  #hasAcknowledged(name: string, { generation, position }: LogPosition): boolean {
    const known = this.#known.get(name);
    return known?.generation === generation && known.position >= position;
  }

  /**
   * A replica that is gone has no lease, nor has anybody from it: who leaves stops first. One that has started anew
   * has forgotten, but its followers may not have: it acknowledges for them. Never rejects.
   */
  async #strikeRegistered(
    outstanding: Map<string, Required>,
    change: Committed,
    signal: AbortSignal,
  ): Promise<void> {
    let present: readonly Registration[];
    try {
      present = await this.#registrations(signal);
    } catch {
      return;
    }
    const byReplica = new Map(present.map((registration) => [registration.replica, registration]));
    for (const [replica, required] of outstanding) {
      const registration = byReplica.get(replica);
      if (registration === undefined) outstanding.delete(replica);
      else required.current = nameOf(registration);
    }
    this.#noteAcknowledged(present, change.at);
    this.#wake();
  }

  /** What replicas have told the authority where the channel did not reach us. */
  #noteAcknowledged(registrations: readonly Registration[], { generation, position }: LogPosition): void {
    if (this.#generation?.name !== generation) return;
    for (const { replica, incarnation, acknowledged } of registrations) {
      if (acknowledged < position) continue;
      this.#onAcknowledgement({ generation, position, replica, incarnation, sessionsClosed: 0 });
    }
  }

  /** When it is settled without a word of anybody. */
  #deadline(outstanding: ReadonlyMap<string, Required>, change: Committed): number {
    let deadline = this.#generationOverAt();
    for (const { registration } of outstanding.values()) {
      const leaseOverAt = change.committedMonotonicMs + leaseOverAfterMs(registration.leaseMs, this.#timing);
      deadline = Math.max(deadline, leaseOverAt);
    }
    return deadline;
  }

  #generationOverAt(): number {
    if (this.#generation === undefined) return Number.POSITIVE_INFINITY;
    return this.#generation.sinceMs + leaseOverAfterMs(this.#timing.leaseMs, this.#timing);
  }

  /**
   * Who did not acknowledge in time is made to start anew, so that others need not wait for it for ever; but not for
   * our own slowness in listening.
   */
  #bury(late: ReadonlyMap<string, Required>, at: LogPosition): void {
    if (late.size === 0) return;
    this.#tidy(async (signal) => {
      for (const registration of await this.#registrations(signal)) {
        const name = nameOf(registration);
        const required = late.get(registration.replica)?.registration;
        if (required === undefined || nameOf(required) !== name || registration.isDead) continue;
        if (registration.acknowledged >= at.position || this.#hasAcknowledged(name, at)) continue;
        await this.#deps.authority.markDead(registration, signal);
        this.#noteDeath(registration);
      }
    });
  }

  /**
   * A dead incarnation had its last successful sync before it was marked; so when it has been known to be dead for as
   * long as a lease lasts, it has none, and nobody needs to wait for it.
   */
  #isDeadForLong(registration: Registration, now: number): boolean {
    const since = this.#deadSince.get(nameOf(registration));
    if (!registration.isDead || since === undefined) return false;
    return now - since >= leaseOverAfterMs(registration.leaseMs, this.#timing);
  }

  #noteDead(registrations: readonly Registration[]): void {
    const now = this.#deps.clock.monotonicMs();
    const dead = new Map(registrations.filter(({ isDead }) => isDead).map((found) => [nameOf(found), found]));
    for (const name of this.#deadSince.keys()) if (!dead.has(name)) this.#deadSince.delete(name);
    for (const registration of dead.values()) {
      if (this.#isDeadForLong(registration, now)) this.#remove(registration);
      else this.#noteDeath(registration);
    }
  }

  #noteDeath(registration: Registration): void {
    const { clock } = this.#deps;
    const name = nameOf(registration);
    if (this.#deadSince.has(name)) return;
    const since = clock.monotonicMs();
    this.#deadSince.set(name, since);
    clock.after(leaseOverAfterMs(registration.leaseMs, this.#timing), () => {
      if (this.#deadSince.get(name) === since) this.#remove(registration);
    });
  }

  #remove(registration: Registration): void {
    this.#tidy((signal) => this.#deps.authority.removeDead(registration, signal));
  }

  /** What fails is left to whoever next sees that it is to be done. */
  #tidy(work: (signal: AbortSignal) => Promise<void>): void {
    within(this.#deps.clock, tidyMs, new AbortController().signal, work).catch(this.#deps.onError);
  }

  #settlement(
    { at, committedMonotonicMs }: Committed,
    required: ReadonlyMap<string, Required>,
    late: ReadonlyMap<string, Required>,
  ): Settlement {
    const verifiers = [...required.keys()].map((replica): Verifier => {
      return { replica, outcome: late.has(replica) ? "lease_over" : "acknowledged" };
    });
    const closed = [...required.values()].map(
      ({ current }) => this.#known.get(current)?.sessionsClosed.get(at.position) ?? 0,
    );
    return {
      at,
      effectiveWallMs: this.#deps.clock.wallMs(),
      method: late.size > 0 || committedMonotonicMs < this.#generationOverAt() ? "waited" : "acknowledged",
      verifiers,
      sessionsClosed: closed.reduce((sum, count) => sum + count, 0),
    };
  }

  #onAcknowledgement({ generation, position, sessionsClosed, ...incarnation }: Acknowledgement): void {
    const name = nameOf(incarnation);
    let known = this.#known.get(name);
    if (known?.generation !== generation) {
      known = { generation, position: 0, sessionsClosed: new Map() };
      this.#known.delete(name);
      this.#known.set(name, known);
      dropOldest(this.#known, replicasMax);
    }
    known.position = Math.max(known.position, position);
    if (sessionsClosed > 0) {
      known.sessionsClosed.set(position, sessionsClosed);
      dropOldest(known.sessionsClosed, 1_000);
    }
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiters) wake();
  }

  /** Resolves with the next acknowledgement, or at that moment of the monotonic clock. */
  async #somethingHappens(atMonotonicMs: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    const { clock } = this.#deps;
    const cancel = clock.after(Math.max(0, atMonotonicMs - clock.monotonicMs()), resolve);
    this.#waiters.add(resolve);
    try {
      signal.throwIfAborted();
      await promise;
    } finally {
      this.#waiters.delete(resolve);
      cancel();
      signal.removeEventListener("abort", onAbort);
    }
  }
}

function nameOf({ replica, incarnation }: Incarnation): string {
  return `${replica} ${incarnation}`;
}

function dropOldest(map: Map<unknown, unknown>, sizeMax: number): void {
  for (const key of map.keys()) {
    if (map.size <= sizeMax) return;
    map.delete(key);
  }
}
