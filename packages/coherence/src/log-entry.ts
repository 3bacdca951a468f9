import type { Scope } from "./scope.ts";

/**
 * A committed change. Positions count from 1 without gaps, in the order of the commits: an entry's position is
 * the epoch of the scopes that it touches.
 */
export interface LogEntry {
  readonly position: number;
  readonly scopes: readonly Scope[];
}

/**
 * A place in the log of one generation. A log that was restored from a backup, or continued by another server,
 * is of another generation: its positions say nothing about ours.
 */
export interface LogPosition {
  readonly generation: string;
  readonly position: number;
}
