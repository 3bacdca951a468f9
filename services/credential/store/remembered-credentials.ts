import {
  CoherentCache,
  createBatcher,
  type LogPosition,
  type Replica,
  type ScopeTable,
} from "@portcullis/coherence";
import type { Locator } from "../domain/credential.ts";
import type { HeldCredential } from "../domain/held-credential.ts";
import type { Basis, Finding, PresentedCredentials, Recollection } from "../domain/ports.ts";
import {
  absentBytes,
  bytesOf,
  flat,
  RememberedCredential,
  RememberedFinding,
  scopesFor,
} from "./remembered.ts";
import { SharedStrings } from "./shared-strings.ts";

/** Where credentials are kept. */
export interface HeldSource extends Pick<PresentedCredentials, "noteUses"> {
  /** What is there, and the position of the log that all of it is of; one snapshot, taken after the call. */
  read(
    locators: readonly Locator[],
    signal: AbortSignal,
  ): Promise<{ readonly held: ReadonlyMap<Locator, HeldCredential>; readonly readAt: LogPosition }>;
}

/** Values that another replica has read, for one that has just started. Best effort; may be old: each has its position. */
export interface WarmCredentials {
  get(
    locators: readonly Locator[],
  ): Promise<ReadonlyMap<Locator, { readonly held: HeldCredential; readonly readAt: LogPosition }>>;
  put(locator: Locator, held: HeldCredential, readAt: LogPosition): void;
}

export interface MemoryLimits {
  readonly entriesMax: number;
  readonly bytesMax: number;
}

export interface RememberedDeps {
  readonly source: HeldSource;
  readonly warm: WarmCredentials | undefined;
  readonly replica: Replica;
  readonly table: ScopeTable;
  readonly limits: MemoryLimits;
}

/** One statement reads at most so many. */
const batchMax = 1_000;
/** Texts of which one copy is kept, as far as they were read lately. */
const stringsMax = 10_000;

/**
 * Credentials from memory wherever the log allows it (packages/coherence), else from Postgres. That there is
 * nothing to a locator is remembered too, apart: a flood of such questions displaces no credential.
 */
export function createRememberedCredentials(deps: RememberedDeps): PresentedCredentials {
  return new RememberedCredentials(deps);
}

class RememberedCredentials implements PresentedCredentials {
  readonly #deps: RememberedDeps;
  readonly #present: CoherentCache<Locator, RememberedCredential>;
  readonly #absent: CoherentCache<Locator, true>;
  readonly #load: (locator: Locator, signal: AbortSignal) => Promise<Finding>;
  readonly #strings = new SharedStrings(stringsMax);

  constructor(deps: RememberedDeps) {
    this.#deps = deps;
    const { table, limits } = deps;
    const { entriesMax, bytesMax } = limits;
    this.#present = new CoherentCache({
      table,
      entriesMax,
      bytesMax,
      sizeOf: (_, held) => bytesOf(held),
    });
    const absentMax = Math.max(1_000, Math.ceil(entriesMax / 10));
    this.#absent = new CoherentCache({ table, entriesMax: absentMax, bytesMax, sizeOf: () => absentBytes });
    this.#load = createBatcher((locators, signal) => this.#read(locators, signal), batchMax);
  }

  recollect(): Recollection | undefined {
    if (!this.#deps.replica.isCurrent()) return undefined;
    return new RecollectedNow(this.#present, this.#absent, this.#basis());
  }

  async find(locators: readonly Locator[], signal: AbortSignal): Promise<ReadonlyMap<Locator, Finding>> {
    const findings = new Map<Locator, Finding>();
    const { replica } = this.#deps;
    // Without a lease one question to Postgres, shared with all who ask now, tells whether memory is still right.
    if (replica.isCurrent() || (await replica.confirm(signal))) {
      const memory = new RecollectedNow(this.#present, this.#absent, this.#basis());
      for (const locator of locators) {
        const known = memory.find(locator);
        if (known !== undefined) findings.set(locator, known);
      }
    }
    const missing = locators.filter((locator) => !findings.has(locator));
    const loaded = await Promise.all(missing.map((locator) => this.#load(locator, signal)));
    for (const [index, locator] of missing.entries()) {
      const finding = loaded[index];
      if (finding !== undefined) findings.set(locator, finding);
    }
    return findings;
  }

  async findAnew(locator: Locator, signal: AbortSignal): Promise<Finding> {
    return this.#load(locator, signal);
  }

  async noteUses(...[sessions, now, signal]: Parameters<PresentedCredentials["noteUses"]>): Promise<void> {
    await this.#deps.source.noteUses(sessions, now, signal);
    // What is remembered of them has the use before.
    for (const { locator } of sessions) this.#present.delete(locator);
  }

  #basis(): Finding["basis"] {
    const { generation, position, staleMsMax } = this.#deps.replica.basis();
    return { generation, revision: position, staleMsMax };
  }

  async #read(locators: readonly Locator[], signal: AbortSignal): Promise<ReadonlyMap<Locator, Finding>> {
    const warm = await this.#readWarm(locators);
    const rest = locators.filter((locator) => !warm.has(locator));
    if (rest.length === 0) return warm;
    const { held, readAt } = await this.#deps.source.read(rest, signal);
    const findings = new Map(warm);
    const basis = { generation: readAt.generation, revision: readAt.position, staleMsMax: 0 };
    for (const locator of rest) {
      const found = held.get(locator);
      if (found === undefined) this.#rememberNone(locator, readAt);
      const known = found && this.#remember(found, readAt).held;
      if (found !== undefined && isForWarm(found)) this.#deps.warm?.put(locator, found, readAt);
      findings.set(locator, new RememberedFinding(locator, known, basis));
    }
    return findings;
  }

  #remember(found: HeldCredential, readAt: LogPosition) {
    const held = new RememberedCredential(found, this.#strings);
    return { held, isKept: this.#present.fill(held.locator, held, scopesFor(held.locator, held), readAt) };
  }

  #rememberNone(locator: Locator, readAt: LogPosition): void {
    // A copy: what was asked for may be a part of a text that nobody is to keep, the token.
    const key = flat(locator);
    this.#absent.fill(key, true, scopesFor(key, undefined), readAt);
  }

  /** Used as if it had been read here at its position: only under a lease, and only if nothing has changed since. */
  async #readWarm(locators: readonly Locator[]): Promise<ReadonlyMap<Locator, Finding>> {
    const findings = new Map<Locator, Finding>();
    const { warm, replica } = this.#deps;
    if (warm === undefined) return findings;
    const found = await warm.get(locators);
    if (!replica.isCurrent()) return findings;
    for (const [locator, { held, readAt }] of found) {
      const { held: known, isKept } = this.#remember(held, readAt);
      if (isKept) findings.set(locator, new RememberedFinding(locator, known, this.#basis()));
    }
    return findings;
  }
}

/** A session's last use changes without anybody being told. */
function isForWarm({ session }: HeldCredential): boolean {
  return session === undefined;
}

class RecollectedNow implements Recollection {
  readonly #present: CoherentCache<Locator, RememberedCredential>;
  readonly #absent: CoherentCache<Locator, true>;
  readonly #basis: Basis;

  constructor(
    present: CoherentCache<Locator, RememberedCredential>,
    absent: CoherentCache<Locator, true>,
    basis: Basis,
  ) {
    this.#present = present;
    this.#absent = absent;
    this.#basis = basis;
  }

  find(locator: Locator): Finding | undefined {
    const held = this.#present.get(locator);
    if (held === undefined && this.#absent.get(locator) === undefined) return undefined;
    return new RememberedFinding(locator, held, this.#basis);
  }
}
