import { DomainError } from "@portcullis/errors";
import {
  type Outcome,
  type RequestedMutation,
  type SharedTables,
  transact,
  transactOnce,
} from "@portcullis/postgres";
import type { Kysely, Transaction } from "kysely";
import type { Clock } from "../clock.ts";
import type { Scope } from "../scope.ts";
import type { Settlement, Settler } from "../settler.ts";
import { type Appended, appendEntry, readHead } from "./log.ts";
import type { CoherenceTables } from "./tables.ts";

/** What a transaction has changed, as far as anybody may remember it. */
export interface Touched {
  /** Whatever depends on the scope is forgotten everywhere. */
  add(...scopes: readonly Scope[]): void;
  /**
   * The transaction only adds what nobody can have asked for yet: nothing that is remembered can be wrong because of
   * it, so that nobody needs to be waited for.
   */
  addsOnly(): void;
}

/** When a change came to be in force on every replica, and how that is known. */
export interface Effect extends Settlement {
  /** Milliseconds since 1970. */
  readonly committedWallMs: number;
}

/** Transactions whose changes are in force on every replica when they resolve. */
export interface SettledTransactions<Schema> {
  /**
   * As `transact`. ENFORCEMENT_PENDING: it is committed, but not known to be in force. A change that touches nothing
   * resolves when all that was committed before it is in force: whoever repeats one is not told so too early.
   */
  run<T>(
    work: (trx: Transaction<Schema>, touched: Touched) => Promise<T>,
    options: { readonly signal: AbortSignal },
  ): Promise<{ readonly value: T; readonly effect: Effect | undefined }>;
  /** As `run` and `transactOnce`. The effect of a repeat is a new one, of all that was committed before. */
  once<T>(
    mutation: RequestedMutation,
    work: (
      trx: Transaction<Schema>,
      touched: Touched,
    ) => Promise<{ readonly resourceId: string; readonly value: T }>,
    options: { readonly signal: AbortSignal },
  ): Promise<Outcome<T> & { readonly effect: Effect | undefined }>;
}

export interface SettledDeps<Schema> {
  readonly db: Kysely<Schema>;
  readonly settler: Settler;
  readonly clock: Clock;
}

export function createSettledTransactions<Schema extends CoherenceTables & SharedTables>(
  deps: SettledDeps<Schema>,
): SettledTransactions<Schema> {
  return {
    async run(work, { signal }) {
      let last: Appended | undefined;
      const value = await transact(
        deps.db,
        async (trx) => {
          const touched = new TouchedScopes();
          const result = await work(trx, touched);
          last = await touched.writeLog(trx);
          return result;
        },
        { signal },
      );
      return { value, effect: await settle(deps, last, signal) };
    },
    async once(mutation, work, { signal }) {
      let touched = new TouchedScopes();
      let last: Appended | undefined;
      const outcome = await transactOnce(
        deps.db,
        mutation,
        (trx) => {
          touched = new TouchedScopes();
          return work(trx, touched);
        },
        {
          signal,
          beforeCommit: async (trx) => {
            last = await touched.writeLog(trx);
          },
        },
      );
      return { ...outcome, effect: await settle(deps, last, signal) };
    },
  };
}

class TouchedScopes implements Touched {
  readonly #scopes = new Set<Scope>();
  #addsOnly = false;

  add(...scopes: readonly Scope[]): void {
    for (const scope of scopes) this.#scopes.add(scope);
  }

  addsOnly(): void {
    this.#addsOnly = true;
  }

  /** Last of all: from here to the commit everybody else who writes the log waits. */
  async writeLog<Schema extends CoherenceTables>(trx: Transaction<Schema>): Promise<Appended | undefined> {
    const scopes = [...this.#scopes];
    if (scopes.length > 0) return appendEntry(trx, scopes);
    return this.#addsOnly ? undefined : readHead(trx);
  }
}

async function settle<Schema>(
  { settler, clock }: SettledDeps<Schema>,
  last: Appended | undefined,
  signal: AbortSignal,
): Promise<Effect | undefined> {
  if (last === undefined) return undefined;
  const committedWallMs = clock.wallMs();
  try {
    const settlement = await settler.settle({ ...last, committedMonotonicMs: clock.monotonicMs() }, signal);
    return { ...settlement, committedWallMs };
  } catch (error) {
    throw new DomainError(
      "ENFORCEMENT_PENDING",
      "The change is saved, but not yet known to be in force everywhere. Repeat the call with the same request_id to learn when it is.",
      { cause: error },
    );
  }
}
