import type { Authority, Incarnation, Registration } from "./authority.ts";
import type { Channel } from "./channel.ts";
import type { Clock } from "./clock.ts";
import type { LogPosition } from "./log-entry.ts";
import type { Acknowledgement } from "./push.ts";
import type { Scope } from "./scope.ts";
import { leaseOverAfterMs, type Timing } from "./timing.ts";

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

/**
 * Invariant I3: a writer returns when every replica that was registered after its commit has acknowledged the
 * entry, or when every lease from before the commit is over.
 */
export class Settler {
  readonly #deps: SettlerDeps;
  readonly #timing: Timing;
  readonly #known = new Map<string, Known>();
  readonly #waiters = new Set<() => void>();
  /** When each dead incarnation was first seen to be dead, by the monotonic clock. */
  readonly #deadSince = new Map<string, number>();
  #generation: { readonly name: string; readonly sinceMs: number } | undefined;

  constructor(deps: SettlerDeps, timing: Timing) {
    this.#deps = deps;
    this.#timing = timing;
    deps.channel.onAcknowledgement((ack) => this.#onAcknowledgement(ack));
  }

  /**
   * For the generation that the authority is found in, as early as possible: for a lease's time after a new one was
   * first seen, acknowledgements alone don't settle anything, for the registry of a log that was restored may lack
   * replicas that still hold a lease.
   */
  sawGeneration(generation: string): void {
    if (this.#generation?.name === generation) return;
    this.#generation = { name: generation, sinceMs: this.#deps.clock.monotonicMs() };
  }

  /**
   * Resolves when no replica can answer from before the change any more. Rejects with UnsettledError if the
   * registry could not be read, or with the signal's reason.
   */
  async settle(change: Committed, signal: AbortSignal): Promise<Settlement> {
    signal.throwIfAborted();
    this.sawGeneration(change.at.generation);
    this.#deps.channel.useKey(change.at.generation, change.channelKey);
    this.#push(change);
    const required = new Map<string, Registration>();
    for (const registration of await this.#registrations(change, signal)) {
      required.set(nameOf(registration), registration);
    }
    const outstanding = new Map(required);
    for (;;) {
      this.#strikeAcknowledged(outstanding, change.at);
      const now = this.#deps.clock.monotonicMs();
      const waitUntil = this.#generationOverAt();
      if (outstanding.size === 0 && now >= waitUntil) return this.#settlement(change, required, outstanding);
      const deadline = Math.max(waitUntil, ...this.#leasesOver(outstanding, change));
      if (now >= deadline) {
        this.#bury(outstanding.values());
        return this.#settlement(change, required, outstanding);
      }
      await this.#somethingHappens(Math.min(deadline, now + repeatMs), signal);
      if (outstanding.size > 0 && this.#deps.clock.monotonicMs() >= now + repeatMs) {
        this.#push(change);
        await this.#strikeGone(outstanding, change, signal);
      }
    }
  }

  #push({ at, scopes, channelKey }: Committed): void {
    this.#deps.channel.push({ ...at, writer: this.#deps.channel.writer, scopes }, channelKey);
  }

  /** Read after the commit, in a statement of its own: who registers later reads a head that has the change. */
  async #registrations(change: Committed, signal: AbortSignal): Promise<readonly Registration[]> {
    const deadline = change.committedMonotonicMs + leaseOverAfterMs(this.#timing.leaseMs, this.#timing);
    for (;;) {
      try {
        const found = await this.#deps.authority.registrations(signal);
        this.#noteDead(found);
        return found;
      } catch (error) {
        signal.throwIfAborted();
        if (this.#deps.clock.monotonicMs() >= deadline) {
          throw new UnsettledError("the registry of replicas can't be read", { cause: error });
        }
      }
      await this.#somethingHappens(this.#deps.clock.monotonicMs() + repeatMs, signal);
    }
  }

  #strikeAcknowledged(outstanding: Map<string, Registration>, at: LogPosition): void {
    for (const name of outstanding.keys()) {
      const known = this.#known.get(name);
      if (known?.generation === at.generation && known.position >= at.position) outstanding.delete(name);
    }
  }

  /** A registration that is gone or was replaced has no lease: who leaves stops first, who starts anew has forgotten. */
  async #strikeGone(
    outstanding: Map<string, Registration>,
    change: Committed,
    signal: AbortSignal,
  ): Promise<void> {
    let present: readonly Registration[];
    try {
      present = await this.#deps.authority.registrations(signal);
    } catch {
      signal.throwIfAborted();
      return;
    }
    this.#noteDead(present);
    const byName = new Map(present.map((registration) => [nameOf(registration), registration]));
    for (const name of outstanding.keys()) {
      const registration = byName.get(name);
      const isGone = registration === undefined;
      if (isGone || registration.acknowledged >= change.at.position) outstanding.delete(name);
    }
  }

  *#leasesOver(outstanding: Map<string, Registration>, change: Committed): Iterable<number> {
    for (const { leaseMs } of outstanding.values()) {
      yield change.committedMonotonicMs + leaseOverAfterMs(leaseMs, this.#timing);
    }
  }

  #generationOverAt(): number {
    if (this.#generation === undefined) return Number.POSITIVE_INFINITY;
    return this.#generation.sinceMs + leaseOverAfterMs(this.#timing.leaseMs, this.#timing);
  }

  /** Who did not acknowledge in time is made to start anew, so that others need not wait for it for ever. */
  #bury(late: Iterable<Registration>): void {
    for (const registration of late) {
      if (registration.isDead) continue;
      this.#attempt(this.#deps.authority.markDead(registration, this.#inTime()));
    }
  }

  /**
   * A dead incarnation had its last successful sync before it was marked; so when it has been seen to be dead for as
   * long as a lease lasts, it has none, and nobody needs to wait for it.
   */
  #noteDead(registrations: readonly Registration[]): void {
    const { clock, authority } = this.#deps;
    const dead = new Map(registrations.filter(({ isDead }) => isDead).map((found) => [nameOf(found), found]));
    for (const name of this.#deadSince.keys()) if (!dead.has(name)) this.#deadSince.delete(name);
    for (const [name, registration] of dead) {
      if (this.#deadSince.has(name)) continue;
      this.#deadSince.set(name, clock.monotonicMs());
      clock.after(leaseOverAfterMs(registration.leaseMs, this.#timing), () =>
        this.#attempt(authority.removeDead(registration, this.#inTime())),
      );
    }
  }

  #inTime(): AbortSignal {
    const controller = new AbortController();
    this.#deps.clock.after(5_000, () => controller.abort(new Error("the authority did not answer in time")));
    return controller.signal;
  }

  #attempt(work: Promise<void>): void {
    work.catch(this.#deps.onError);
  }

  #settlement(
    { at }: Committed,
    required: ReadonlyMap<string, Registration>,
    late: ReadonlyMap<string, Registration>,
  ): Settlement {
    const verifiers = [...required].map(([name, { replica }]): Verifier => {
      return { replica, outcome: late.has(name) ? "lease_over" : "acknowledged" };
    });
    const closed = [...required.keys()].map(
      (name) => this.#known.get(name)?.sessionsClosed.get(at.position) ?? 0,
    );
    return {
      at,
      effectiveWallMs: this.#deps.clock.wallMs(),
      method: late.size === 0 ? "acknowledged" : "waited",
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
