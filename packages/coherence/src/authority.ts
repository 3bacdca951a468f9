import type { LogEntry, LogPosition } from "./log-entry.ts";

/** A replica as it is known for one stretch of its life, in which it has not forgotten anything. */
export interface Incarnation {
  /** Of the process. */
  readonly replica: string;
  /** A new one for each registration. */
  readonly incarnation: string;
}

export interface Registration extends Incarnation {
  /** How long its leases last, in milliseconds. */
  readonly leaseMs: number;
  /** It did not acknowledge in time; with its next sync it learns that, and starts anew. */
  readonly isDead: boolean;
  /** The position up to which it has acknowledged to the authority itself, of the present generation. */
  readonly acknowledged: number;
}

/** All of one moment, which is not before the call. */
export interface SyncAnswer {
  readonly head: LogPosition;
  /** What pushes and acknowledgements of this generation are signed with. */
  readonly channelKey: Uint8Array;
  /** The entries after the position asked for, in order, but no more than the limit, and the last ones of them. */
  readonly entries: readonly LogEntry[];
  /** False: it is dead, or was removed. */
  readonly isRegistered: boolean;
}

/**
 * The log and the registry of who remembers what of it, in one place, which is the truth: a copy that lags behind
 * is no authority. Every method rejects if it could not be done, or if nobody knows whether it was.
 */
export interface Authority {
  /** Registers in place of an earlier incarnation. When it resolves, whoever reads the registrations sees it. */
  register(self: Incarnation, leaseMs: number, signal: AbortSignal): Promise<void>;
  /** What has happened after that position, at most the last `limit` entries of it. */
  sync(self: Incarnation, after: number, limit: number, signal: AbortSignal): Promise<SyncAnswer>;
  /** Acknowledges where the channel can't. Of a registration that is gone or of an older incarnation: nothing. */
  acknowledge(self: Incarnation, at: LogPosition, signal: AbortSignal): Promise<void>;
  /** Of that incarnation only. */
  unregister(self: Incarnation, signal: AbortSignal): Promise<void>;
  /** In a statement of its own, begun after the call: who registered before it is in it. */
  registrations(signal: AbortSignal): Promise<readonly Registration[]>;
  /** Of that incarnation only. When it resolves, every later sync of it learns that it is dead. */
  markDead(other: Incarnation, signal: AbortSignal): Promise<void>;
  /** Of that incarnation only, and only if it is dead. */
  removeDead(other: Incarnation, signal: AbortSignal): Promise<void>;
}
