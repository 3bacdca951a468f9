import { createHash } from "node:crypto";
import type {
  Incarnation,
  LogEntry,
  LogPosition,
  Registration,
  Scope,
  SyncAnswer,
} from "@portcullis/coherence";

/** What a verification reads: true of that place in the log. */
export interface Reading {
  readonly at: LogPosition;
  readonly isValid: boolean;
  readonly scopes: readonly Scope[];
}

/** What a change comes to. */
export interface Appended {
  readonly at: LogPosition;
  readonly channelKey: Uint8Array;
  /** Undefined: there was nothing to do. */
  readonly scopes: readonly Scope[] | undefined;
}

interface Registered extends Registration {
  readonly acknowledgedIn: string;
}

export interface Backup {
  readonly log: readonly LogEntry[];
  readonly registry: ReadonlyMap<string, Registered>;
  /** Who has access. */
  readonly given: ReadonlyMap<string, boolean>;
}

/**
 * The authority's data: a log, the registry of replicas, and what the log is about: owners, and tokens that are
 * theirs. Each method happens in one instant. An owner or a token is its scope.
 */
export class Store {
  /** Tokens and whose they are. */
  readonly tokens: ReadonlyMap<Scope, Scope>;
  #generation = 1;
  #log: LogEntry[] = [];
  #registry = new Map<string, Registered>();
  #given = new Map<string, boolean>();
  #order = 0;
  readonly #keys = new Map<string, Uint8Array>();

  constructor(tokens: ReadonlyMap<Scope, Scope>) {
    this.tokens = tokens;
    for (const subject of [...tokens.keys(), ...tokens.values()]) this.#given.set(subject, true);
  }

  get head(): LogPosition {
    return { generation: `generation-${this.#generation}`, position: this.#log.length };
  }

  get channelKey(): Uint8Array {
    const { generation } = this.head;
    const key = this.#keys.get(generation) ?? createHash("sha256").update(generation).digest();
    this.#keys.set(generation, key);
    return key;
  }

  get registered(): number {
    return this.#registry.size;
  }

  /** Before and after every other commit. */
  nextOrder(): number {
    return ++this.#order;
  }

  change(subject: Scope, gives: boolean): Appended {
    const isDone = this.#given.get(subject) === gives;
    if (!isDone) {
      this.#given.set(subject, gives);
      this.#log.push({ position: this.#log.length + 1, scopes: [subject] });
    }
    return { at: this.head, channelKey: this.channelKey, scopes: isDone ? undefined : [subject] };
  }

  read(token: Scope): Reading {
    const owner = this.tokens.get(token);
    if (owner === undefined) return { at: this.head, isValid: false, scopes: [token] };
    const isValid = this.#given.get(token) === true && this.#given.get(owner) === true;
    return { at: this.head, isValid, scopes: [token, owner] };
  }

  register({ replica, incarnation }: Incarnation, leaseMs: number): void {
    this.#registry.set(replica, {
      replica,
      incarnation,
      leaseMs,
      isDead: false,
      acknowledged: 0,
      acknowledgedIn: "",
    });
  }

  sync(self: Incarnation, after: number, limit: number): SyncAnswer {
    const found = this.#find(self);
    return {
      head: this.head,
      channelKey: this.channelKey,
      entries: this.#log.slice(Math.max(after, this.#log.length - limit)),
      isRegistered: found !== undefined && !found.isDead,
    };
  }

  acknowledge(self: Incarnation, at: LogPosition): void {
    const found = this.#find(self);
    if (found === undefined || at.generation !== this.head.generation) return;
    const before = found.acknowledgedIn === at.generation ? found.acknowledged : 0;
    this.#registry.set(self.replica, {
      ...found,
      acknowledged: Math.max(before, at.position),
      acknowledgedIn: at.generation,
    });
  }

  unregister(self: Incarnation): void {
    if (this.#find(self) !== undefined) this.#registry.delete(self.replica);
  }

  registrations(): readonly Registration[] {
    const { generation } = this.head;
    return [...this.#registry.values()].map(({ acknowledgedIn, ...found }) => ({
      ...found,
      acknowledged: acknowledgedIn === generation ? found.acknowledged : 0,
    }));
  }

  markDead(other: Incarnation): void {
    const found = this.#find(other);
    if (found !== undefined) this.#registry.set(other.replica, { ...found, isDead: true });
  }

  removeDead(other: Incarnation): void {
    if (this.#find(other)?.isDead === true) this.#registry.delete(other.replica);
  }

  backup(): Backup {
    return {
      log: [...this.#log],
      registry: new Map(this.#registry),
      given: new Map(this.#given),
    };
  }

  /** Tells what has changed by it. */
  restore(backup: Backup): readonly { readonly subject: Scope; readonly gives: boolean }[] {
    const subjects = [...new Set([...this.tokens.keys(), ...this.tokens.values()])];
    const changed = subjects
      .filter((subject) => this.#given.get(subject) !== backup.given.get(subject))
      .map((subject) => ({ subject, gives: backup.given.get(subject) === true }));
    this.#log = [...backup.log];
    this.#registry = new Map(backup.registry);
    this.#given = new Map(backup.given);
    this.#generation++;
    return changed;
  }

  #find({ replica, incarnation }: Incarnation): Registered | undefined {
    const found = this.#registry.get(replica);
    return found?.incarnation === incarnation ? found : undefined;
  }
}
