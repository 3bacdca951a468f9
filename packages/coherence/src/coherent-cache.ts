import type { LogPosition } from "./log-entry.ts";
import type { Scope } from "./scope.ts";
import { type ScopeTable, type TieParts, Ties } from "./scope-table.ts";

export interface CacheOptions<Key, Value> {
  readonly table: ScopeTable;
  /** How many values are kept at most. */
  readonly entriesMax: number;
  /** How many bytes they may take together, by `sizeOf`. */
  readonly bytesMax: number;
  /** About how many bytes a value takes, key and ties included. */
  readonly sizeOf: (key: Key, value: Value) => number;
}

class Entry<Value> extends Ties {
  readonly value: Value;
  readonly bytes: number;
  isUsed = false;

  constructor(ties: TieParts, value: Value, bytes: number) {
    super(ties);
    this.value = value;
    this.bytes = bytes;
  }
}

export interface CacheStats {
  readonly entries: number;
  readonly bytes: number;
}

/**
 * Remembered values under the fill fence. What is asked for again stays, what is not goes when room is needed.
 * Whether memory may answer at all at this moment is the replica's to say, before each `get`.
 */
export class CoherentCache<Key, Value> {
  readonly #options: CacheOptions<Key, Value>;
  /** The order is that in which the entries are looked at for eviction. */
  readonly #entries = new Map<Key, Entry<Value>>();
  #bytes = 0;

  constructor(options: CacheOptions<Key, Value>) {
    this.#options = options;
  }

  /** Undefined for what is not known, or no longer true. */
  get(key: Key): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (!this.#options.table.isGood(entry)) {
      this.#remove(key, entry);
      return undefined;
    }
    entry.isUsed = true;
    return entry.value;
  }

  /**
   * Remembers what was read, from one snapshot together with that position; false if it must not be, for
   * something that it depends on has changed since, or may have.
   */
  fill(key: Key, value: Value, scopes: readonly Scope[], readAt: LogPosition): boolean {
    const { table, sizeOf, bytesMax } = this.#options;
    const known = this.#entries.get(key);
    // A slow read must not take the place of a later one.
    if (known !== undefined && known.readAt > readAt.position && table.isGood(known)) return false;
    const bytes = sizeOf(key, value);
    const ties = bytes > bytesMax ? undefined : table.tie(scopes, readAt);
    if (ties === undefined) return false;
    if (known !== undefined) this.#remove(key, known);
    this.#entries.set(key, new Entry(ties, value, bytes));
    this.#bytes += bytes;
    this.#makeRoom();
    return true;
  }

  /** Forgets one value. */
  delete(key: Key): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) this.#remove(key, entry);
  }

  stats(): CacheStats {
    return { entries: this.#entries.size, bytes: this.#bytes };
  }

  #remove(key: Key, entry: Entry<Value>): void {
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
    this.#options.table.untie(entry);
  }

  /** Second chance: an entry that was used since it was last looked at goes to the end of the queue. */
  #makeRoom(): void {
    const { entriesMax, bytesMax, table } = this.#options;
    while (this.#entries.size > entriesMax || this.#bytes > bytesMax) {
      const oldest = this.#entries.entries().next();
      if (oldest.done === true) return;
      const [key, entry] = oldest.value;
      if (entry.isUsed && table.isGood(entry)) {
        entry.isUsed = false;
        this.#entries.delete(key);
        this.#entries.set(key, entry);
      } else {
        this.#remove(key, entry);
      }
    }
  }
}
