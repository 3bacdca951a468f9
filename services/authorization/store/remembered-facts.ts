import {
  CoherentCache,
  createBatcher,
  type Replica,
  type Scope,
  type ScopeTable,
} from "@portcullis/coherence";
import type { FactsQuestion } from "../domain/decide.ts";
import type { Basis, FactsFinder, Finding, Findings } from "../domain/decision-ports.ts";
import type { PrincipalRef } from "../domain/ids.ts";
import { factsOf, type OpenTo, type RegisteredCatalog } from "../domain/standing.ts";
import type { FactsSource, FoundStanding, ReadAt } from "./facts-source.ts";
import {
  absentBytes,
  bytesOfObject,
  bytesOfStanding,
  type RememberedObject,
  type RememberedStanding,
  scopesOf,
} from "./remembered-entries.ts";
import { objectKeyOf, objectOfKey, principalKeyOf, principalOfKey } from "./remembered-keys.ts";
import { accountScope, catalogScope, objectScope, principalScope } from "./scopes.ts";

export interface RememberedFactsDeps {
  readonly source: FactsSource;
  readonly replica: Replica;
  readonly table: ScopeTable;
  /** Of principals and of objects, half of it each. */
  readonly limits: { readonly entriesMax: number; readonly bytesMax: number };
}

/** One statement reads at most so many. */
const batchMax = 1_000;
/** Of principals in very many groups. */
const longBatchMax = 10;

/**
 * Decisions' facts from memory wherever the log allows it (packages/coherence), else from Postgres. Principals,
 * objects, and that there are none, are remembered apart: a flood of questions about one displaces none of the others.
 */
export function createRememberedFacts(deps: RememberedFactsDeps): FactsFinder {
  return new RememberedFacts(deps);
}

class RememberedFacts implements FactsFinder {
  readonly #deps: RememberedFactsDeps;
  readonly #standings: CoherentCache<string, RememberedStanding>;
  readonly #objects: CoherentCache<string, RememberedObject>;
  readonly #absent: CoherentCache<string, readonly Scope[]>;
  readonly #catalog: CoherentCache<typeof catalogKey, RegisteredCatalog>;
  readonly #loadStanding: Load;
  readonly #loadObject: Load;
  readonly #loadCatalog: Load;

  constructor(deps: RememberedFactsDeps) {
    this.#deps = deps;
    const { table } = deps;
    const limits = { table, entriesMax: deps.limits.entriesMax / 2, bytesMax: deps.limits.bytesMax / 2 };
    this.#standings = new CoherentCache({ ...limits, sizeOf: bytesOfStanding });
    this.#objects = new CoherentCache({ ...limits, sizeOf: bytesOfObject });
    const absentMax = Math.max(1_000, Math.ceil(deps.limits.entriesMax / 10));
    this.#absent = new CoherentCache({ ...limits, entriesMax: absentMax, sizeOf: () => absentBytes });
    // It is one, and nothing is decided without it.
    const unbounded = { entriesMax: 1, bytesMax: Number.POSITIVE_INFINITY, sizeOf: () => 0 };
    this.#catalog = new CoherentCache({ table, ...unbounded });
    this.#loadStanding = createBatcher((keys, signal) => this.#readStandings(keys, signal), batchMax);
    this.#loadObject = createBatcher((keys, signal) => this.#readObjects(keys, signal), batchMax);
    this.#loadCatalog = createBatcher((keys, signal) => this.#readCatalog(keys, signal), batchMax);
  }

  recall(questions: readonly FactsQuestion[], minRevision: number): Findings | undefined {
    return this.#isUsable(minRevision) ? this.#answer(questions, new Missing()) : undefined;
  }

  async find(
    questions: readonly FactsQuestion[],
    minRevision: number,
    signal: AbortSignal,
  ): Promise<Findings> {
    const missing = new Missing();
    const { replica } = this.#deps;
    // Without a lease one question to Postgres, shared with all who ask now, tells whether memory is still right.
    if (this.#isUsable(minRevision) || (await replica.confirm(signal))) {
      const known = this.#answer(questions, missing);
      if (known !== undefined) return known;
      if (!missing.isForGood) {
        await this.#load(missing, signal);
        // Of one moment: what was read together or apart is looked at again, in one turn.
        if (this.#isUsable(minRevision) || (await replica.confirm(signal))) {
          const loaded = this.#answer(questions, missing);
          if (loaded !== undefined) return loaded;
        }
      }
    }
    const { facts, readAt } = await this.#deps.source.facts(questions, signal);
    return {
      found: facts.map((one) => ({ facts: one, dependsOn: [] })),
      basis: { generation: readAt.generation, revision: readAt.position, staleMsMax: 0 },
    };
  }

  #isUsable(minRevision: number): boolean {
    const { replica } = this.#deps;
    return replica.isCurrent() && replica.position >= minRevision;
  }

  /** To be called in the turn in which memory may be used; notes what is missing. */
  #answer(questions: readonly FactsQuestion[], missing: Missing): Findings | undefined {
    const catalog = this.#catalog.get(catalogKey);
    if (catalog === undefined) missing.catalog = true;
    const found: Finding[] = [];
    for (const question of questions) {
      const finding = this.#findingOf(question, catalog, missing);
      if (finding !== undefined) found.push(finding);
    }
    return found.length === questions.length ? { found, basis: this.#basis() } : undefined;
  }

  #findingOf(
    question: FactsQuestion,
    catalog: RegisteredCatalog | undefined,
    missing: Missing,
  ): Finding | undefined {
    const key = principalKeyOf(question.subject);
    const known = this.#standings.get(key);
    if (known === undefined) {
      const absent = this.#absent.get(key);
      if (absent !== undefined) return { facts: undefined, dependsOn: [absent] };
      missing.principals.add(key);
    }
    const object = this.#objectOf(question, missing);
    if (known === undefined || object === undefined || catalog === undefined) return undefined;
    const { standing } = known;
    if (standing === "too_long" || object.openTo === "too_long") {
      missing.isForGood = true;
      return undefined;
    }
    return {
      facts: factsOf(standing, catalog, object.openTo, question),
      dependsOn: [known.scopes, object.scopes, catalogScopes],
    };
  }

  /** Without an object in the question, nothing that could be missing. */
  #objectOf(
    { accountId, object }: FactsQuestion,
    missing: Missing,
  ): { readonly openTo: OpenTo | "too_long" | undefined; readonly scopes: readonly Scope[] } | undefined {
    const key = object && objectKeyOf(accountId, object);
    if (key === undefined) return nothing;
    const known = this.#objects.get(key);
    if (known !== undefined) return known;
    const scopes = this.#absent.get(key);
    if (scopes !== undefined) return { openTo: undefined, scopes };
    missing.objects.add(key);
    return undefined;
  }

  async #load({ principals, objects, catalog }: Missing, signal: AbortSignal): Promise<void> {
    const loads = [
      ...[...principals].map((key) => this.#loadStanding(key, signal)),
      ...[...objects].map((key) => this.#loadObject(key, signal)),
    ];
    if (catalog) loads.push(this.#loadCatalog(catalogKey, signal));
    await Promise.all(loads);
  }

  async #readStandings(keys: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, true>> {
    const { source } = this.#deps;
    const refs = keys.map(principalOfKey);
    const read = await source.standings(refs, signal);
    const long = refs.filter((_, index) => read.found[index] === "too_long");
    this.#fillStandings(refs, read);
    for (let from = 0; from < long.length; from += longBatchMax) {
      const some = long.slice(from, from + longBatchMax);
      this.#fillStandings(some, await source.longStandings(some, signal));
    }
    return done(keys);
  }

  #fillStandings(refs: readonly PrincipalRef[], { found, readAt }: ReadAt<FoundStanding>): void {
    for (const [index, ref] of refs.entries()) {
      const standing = found[index];
      const key = principalKeyOf(ref);
      if (standing === "unknown") {
        const scopes = [principalScope(ref)];
        this.#absent.fill(key, scopes, scopes, readAt);
      } else if (standing !== undefined) {
        const scopes = scopesOf(ref, standing);
        this.#standings.fill(key, { standing, scopes }, scopes, readAt);
      }
    }
  }

  async #readObjects(keys: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, true>> {
    const refs = keys.map(objectOfKey);
    const { found, readAt } = await this.#deps.source.objects(refs, signal);
    for (const [index, ref] of refs.entries()) {
      const key = keys[index];
      const openTo = found[index];
      if (key === undefined || openTo === undefined || openTo === "unsteady") continue;
      // What is in an account ends with it, beyond what the log says of the object.
      const scopes = [objectScope(ref), accountScope(ref.accountId)];
      if (openTo === "unknown") this.#absent.fill(key, scopes, scopes, readAt);
      else this.#objects.fill(key, { openTo, scopes }, scopes, readAt);
    }
    return done(keys);
  }

  async #readCatalog(keys: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, true>> {
    const { catalog, readAt } = await this.#deps.source.catalog(signal);
    this.#catalog.fill(catalogKey, catalog, catalogScopes, readAt);
    return done(keys);
  }

  #basis(): Basis {
    const { generation, position, staleMsMax } = this.#deps.replica.basis();
    return { generation, revision: position, staleMsMax };
  }
}

type Load = (key: string, signal: AbortSignal) => Promise<true>;

/** What an answer from memory lacks. */
class Missing {
  readonly principals = new Set<string>();
  readonly objects = new Set<string>();
  catalog = false;
  /** Something is never remembered. */
  isForGood = false;
}

const catalogKey = "catalog";
const catalogScopes = [catalogScope];
const nothing = { openTo: undefined, scopes: [] };

function done(keys: readonly string[]): ReadonlyMap<string, true> {
  return new Map(keys.map((key) => [key, true]));
}
