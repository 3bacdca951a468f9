import type { LogEntry, LogPosition } from "./log-entry.ts";
import { everything, kindOf, type Scope } from "./scope.ts";

/**
 * What remembered values hold of a scope: where it was last touched. Found by a hash, for there are millions, and texts
 * take most of the room: where two scopes have the same, what depends on one is forgotten with what depends on the
 * other.
 */
interface Cell {
  readonly hash: number;
  touchedAt: number;
  holders: number;
}

/**
 * A remembered value's ties: it is good as long as none of its scopes was touched after it was read. A class, for what
 * is remembered to be one object with its ties.
 */
export class Ties {
  readonly cells: readonly Cell[];
  readonly readAt: number;
  /** Between which two resets it was tied. */
  readonly era: number;
  /** The count of applied entries at which it was last found good. */
  goodAtCount: number;

  /** From ScopeTable.tie. */
  constructor({ cells, readAt, era, goodAtCount }: TieParts) {
    this.cells = cells;
    this.readAt = readAt;
    this.era = era;
    this.goodAtCount = goodAtCount;
  }
}

/** What ties are made of; known to the table alone. */
export type TieParts = Readonly<Pick<Ties, "cells" | "readAt" | "era" | "goodAtCount">>;

/**
 * Invariant I2, the fill fence: a value read at position p is remembered only if no entry for one of its scopes
 * with a position above p has been applied, and is forgotten as soon as one is. Which scopes were touched when is
 * remembered for the last `recentMax` of them; a value that was read before that is refused.
 *
 * Touching a scope costs the same however many values depend on it.
 */
export class ScopeTable {
  readonly #kinds: ReadonlySet<string>;
  readonly #recentMax: number;
  readonly #cells = new Map<number, Cell>();
  /** In the order of the positions. */
  readonly #recent = new Map<Scope, number>();
  #generation = "";
  #era = 0;
  /** Which scopes were touched up to here is not remembered: nothing that was read before may be tied. */
  #tieFloor = Number.POSITIVE_INFINITY;
  /** Everything was touched here. */
  #everythingTouchedAt = 0;
  #count = 0;

  /** `kinds` are the kinds of scopes that values can depend on here. */
  constructor(kinds: ReadonlySet<string>, recentMax = 65_536) {
    this.#kinds = kinds;
    this.#recentMax = recentMax;
  }

  /** Forgets everything; what was read at `from` or later, in that generation, is good. */
  reset(from: LogPosition): void {
    this.#generation = from.generation;
    this.#tieFloor = from.position;
    this.#everythingTouchedAt = 0;
    this.#recent.clear();
    // Positions of another generation in them would fence values for as long as one of before is kept.
    this.#cells.clear();
    this.#era++;
    this.#count++;
  }

  /** Forgets everything, and refuses everything until the next reset. */
  close(): void {
    this.reset({ generation: "", position: Number.POSITIVE_INFINITY });
  }

  /** Applies an entry; once more, or out of order, does no harm. */
  touch({ position, scopes }: LogEntry): void {
    this.#count++;
    for (const scope of scopes) {
      // A kind that is not known here is a newer release's: whatever it means, nothing is left that could depend on it.
      if (scope === everything || !this.#kinds.has(kindOf(scope))) {
        if (this.#everythingTouchedAt < position) this.#everythingTouchedAt = position;
        continue;
      }
      const cell = this.#cells.get(hashOf(scope));
      if (cell !== undefined && cell.touchedAt < position) cell.touchedAt = position;
      const before = this.#recent.get(scope) ?? 0;
      this.#recent.delete(scope);
      this.#recent.set(scope, Math.max(before, position));
    }
    this.#prune();
  }

  /** Ties for a value that was read at that position; undefined if it must not be remembered. */
  tie(scopes: readonly Scope[], readAt: LogPosition): TieParts | undefined {
    if (readAt.generation !== this.#generation || readAt.position < this.#tieFloor) return undefined;
    if (readAt.position < this.#everythingTouchedAt) return undefined;
    for (const scope of scopes) {
      if ((this.#recent.get(scope) ?? 0) > readAt.position) return undefined;
    }
    const cells = scopes.map((scope) => this.#hold(scope));
    return { cells, readAt: readAt.position, era: this.#era, goodAtCount: this.#count };
  }

  isGood(ties: Ties): boolean {
    if (ties.goodAtCount === this.#count) return true;
    if (ties.era !== this.#era || ties.readAt < this.#everythingTouchedAt) return false;
    for (const cell of ties.cells) {
      if (cell.touchedAt > ties.readAt) return false;
    }
    ties.goodAtCount = this.#count;
    return true;
  }

  /** The value is no longer remembered. Once for each tie. */
  untie(ties: Ties): void {
    for (const cell of ties.cells) {
      // After a reset another one may have its place.
      if (--cell.holders === 0 && this.#cells.get(cell.hash) === cell) this.#cells.delete(cell.hash);
    }
  }

  #hold(scope: Scope): Cell {
    const hash = hashOf(scope);
    const known = this.#cells.get(hash);
    if (known !== undefined) {
      known.holders++;
      return known;
    }
    const cell = { hash, touchedAt: 0, holders: 1 };
    this.#cells.set(hash, cell);
    return cell;
  }

  #prune(): void {
    if (this.#recent.size <= this.#recentMax) return;
    for (const [scope, position] of this.#recent) {
      if (this.#recent.size <= this.#recentMax / 2) break;
      this.#recent.delete(scope);
      if (position > this.#tieFloor) this.#tieFloor = position;
    }
  }
}

/** 32 bits, of a text's UTF-16 code units. Not for keeping anybody from finding two alike: that gains nothing. */
function hashOf(text: string): number {
  let hash = text.length;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}
