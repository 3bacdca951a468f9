import { randomBytes } from "node:crypto";
import { createSettledTransactions } from "@portcullis/coherence/postgres";
import { openLocalCoherence } from "@portcullis/coherence/testing";
import { type Database, openDatabase } from "@portcullis/postgres";
import { createTestDatabase } from "@portcullis/postgres/testing";
import { sql } from "kysely";
import { applyPrincipal } from "../domain/apply-principal.ts";
import type { CreateCredentialCommand } from "../domain/create-credential.ts";
import type { Credential } from "../domain/credential.ts";
import type { CreateTokenDeps } from "../domain/mint-proof.ts";
import type { UnitOfWork } from "../domain/ports.ts";
import type { Principal } from "../domain/principal.ts";
import { createStores, type Stores } from "../store/create-stores.ts";
import { migrations } from "../store/migrations/index.ts";
import type { Schema } from "../store/schema.ts";
import { scopeKinds } from "../store/scopes.ts";
import { account, idOf, mutation, never, now, principal, robot } from "./fixtures.ts";

/** The stores on a real Postgres of their own, and what tests do with them. */
export interface TestStores extends AsyncDisposable {
  readonly database: Database<Schema>;
  readonly stores: Stores;
  /** For creations by somebody who may name any owner. */
  readonly deps: CreateTokenDeps;
  readonly newId: (prefix: string) => string;
  /** Empties all tables. */
  clear(): Promise<void>;
  /** Tells of `robot`, or of whom it is said; the version that is in force then. */
  apply(parts?: Partial<Principal>): Promise<number>;
  insert(credential: Credential): Promise<void>;
  /** All there are. */
  locators(): Promise<readonly string[]>;
  /** Resolves when a transaction waits for another one. */
  untilBlocked(): Promise<void>;
}

export async function startTestStores(): Promise<TestStores> {
  const testDatabase = await createTestDatabase(migrations);
  const database = openDatabase<Schema>({
    url: testDatabase.url,
    applicationName: "test",
    poolSizeMax: 5,
    statementTimeoutMs: 20_000,
    connectTimeoutMs: 5_000,
    onError: () => {},
  });
  const { db } = database;
  let ids = 100;
  const newId = (prefix: string) => idOf(prefix, ids++);
  const clock = () => now;
  const coherence = await openLocalCoherence(db, scopeKinds);
  const settled = createSettledTransactions<Schema>({ db, ...coherence });
  const stores = createStores(db, settled, { clock, newId });
  return {
    database,
    stores,
    deps: {
      ...stores,
      owners: { mayAssign: async () => true },
      plans: { allowsAcls: async () => true },
      clock,
      newId,
      randomBytes,
    },
    newId,
    async clear() {
      await sql`truncate accounts, principals, credentials, credential_uses, sessions, credential_locators, idempotency_keys, audit_outbox`.execute(
        db,
      );
    },
    apply: async (parts = {}) => (await applyPrincipal(stores, principal(parts), never)).value.version,
    async insert(credential) {
      const work: Parameters<UnitOfWork["once"]>[1] = async (tx) => {
        await tx.insertCredential(credential);
        return { resourceId: credential.id, value: undefined };
      };
      await stores.unitOfWork.once(mutation(), work, never);
    },
    async locators() {
      const rows = await db.selectFrom("credential_locators").select("locator").execute();
      return rows.map(({ locator }) => locator);
    },
    async untilBlocked() {
      for (;;) {
        const { rows } = await sql`select 1 from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
        if (rows.length > 0) return;
      }
    },
    async [Symbol.asyncDispose]() {
      await coherence.close();
      await database.close();
      await testDatabase.drop();
    },
  };
}

/** A creation for `robot` without restrictions, unless otherwise said. */
export function createCommand(parts: Partial<CreateCredentialCommand> = {}): CreateCredentialCommand {
  return {
    mutation: mutation(),
    accountId: account,
    isUnrestricted: true,
    ownerText: robot,
    description: "",
    metadata: "",
    aclRules: [],
    allowedIpRanges: [],
    expiresAt: undefined,
    ...parts,
  };
}
