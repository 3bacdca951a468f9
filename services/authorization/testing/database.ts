import { createSettledTransactions, type SettledTransactions } from "@portcullis/coherence/postgres";
import { type LocalCoherence, openLocalCoherence } from "@portcullis/coherence/testing";
import { type Database, openDatabase } from "@portcullis/postgres";
import { createTestDatabase } from "@portcullis/postgres/testing";
import { newId } from "@portcullis/service";
import type { FactsFinder } from "../domain/decision-ports.ts";
import { createStores, type Stores } from "../store/create-stores.ts";
import { migrations } from "../store/migrations/index.ts";
import { createPostgresFacts } from "../store/postgres-facts.ts";
import { createRememberedFacts } from "../store/remembered-facts.ts";
import type { AuthorizationSchema } from "../store/schema.ts";
import { scopeKinds } from "../store/scopes.ts";

/** A migrated database of a test file's own, and what a process makes of it. */
export interface OpenedDatabase {
  readonly database: Database<AuthorizationSchema>;
  readonly memory: {
    readonly facts: FactsFinder;
    readonly settled: SettledTransactions<AuthorizationSchema>;
    readonly coherence: LocalCoherence;
  };
  readonly stores: Stores;
  /** Closes and drops it. */
  end(): Promise<void>;
}

export async function openTestDatabase(now = () => new Date()): Promise<OpenedDatabase> {
  const created = await createTestDatabase(migrations);
  const database = openDatabase<AuthorizationSchema>({
    url: created.url,
    applicationName: "authorization-test",
    poolSizeMax: 10,
    statementTimeoutMs: 30_000,
    connectTimeoutMs: 10_000,
    onError: () => {},
  });
  const { db } = database;
  const coherence = await openLocalCoherence(db, scopeKinds);
  const settled = createSettledTransactions<AuthorizationSchema>({ db, ...coherence });
  const facts = createRememberedFacts({
    ...coherence,
    source: createPostgresFacts(db),
    limits: { entriesMax: 10_000, bytesMax: 2 ** 26 },
  });
  return {
    database,
    memory: { facts, settled, coherence },
    stores: createStores(db, settled, { newId, now }),
    async end() {
      await coherence.close();
      await database.close();
      await created.drop();
    },
  };
}
