import { type IsolationLevel, type Kysely, sql } from "kysely";
import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import {
  appendAudit,
  claimRequest,
  createAuditTable,
  createIdempotencyTable,
  type Database,
  defineMigrations,
  deleteRequestsBefore,
  openDatabase,
  recordResult,
  type SharedTables,
  transact,
} from "./index.ts";
import { createTestDatabase, type TestDatabase } from "./testing/index.ts";

interface Schema extends SharedTables {
  others: { id: string };
}

const migrations = defineMigrations({
  "0001_shared_tables": {
    up: async (db: Kysely<unknown>) => {
      await createIdempotencyTable(db);
      await createAuditTable(db);
    },
  },
});

const claim = {
  accountId: "acct_1",
  actorId: "user_1",
  requestId: "r1",
  method: "CreateKey",
  requestDigest: Buffer.from("digest"),
};

let testDatabase: TestDatabase;
let database: Database<Schema>;
let observer: Client;
const signal = new AbortController().signal;

beforeAll(async () => {
  testDatabase = await createTestDatabase(migrations);
  database = openDatabase<Schema>({
    url: testDatabase.url,
    applicationName: "idempotency-test",
    poolSizeMax: 4,
    statementTimeoutMs: 10_000,
    connectTimeoutMs: 2_000,
    onError: () => {},
  });
  observer = new Client({ connectionString: testDatabase.url });
  await observer.connect();
});

afterAll(async () => {
  await database.close();
  await observer.end();
  await testDatabase.drop();
});

beforeEach(async () => {
  await database.db.deleteFrom("idempotency_keys").execute();
});

/** Claims in a transaction that ends as `end` says. */
function claimHeldUntil(end: Promise<"commit" | "abort">) {
  const { promise: claimed, resolve } = Promise.withResolvers<void>();
  const ended = transact(
    database.db,
    async (trx) => {
      expect(await claimRequest(trx, claim)).toEqual({ claimed: true });
      resolve();
      if ((await end) === "abort") throw new Error("aborted on purpose");
      await recordResult(trx, claim, "cred_1");
    },
    { signal },
  );
  return { claimed, ended };
}

const claimOnce = (isolation: IsolationLevel = "read committed") =>
  transact(
    database.db,
    async (trx) => {
      const result = await claimRequest(trx, claim);
      if (result.claimed) await recordResult(trx, claim, "cred_2");
      return result;
    },
    { signal, isolation },
  );

async function somebodyIsBlocked(): Promise<void> {
  await vi.waitFor(
    async () => {
      const { rows } = await observer.query(
        "select from pg_stat_activity where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0",
      );
      expect(rows).toHaveLength(1);
    },
    { timeout: 5_000, interval: 5 },
  );
}

test("a repetition waits for the first and gets its result", async () => {
  const { promise: end, resolve } = Promise.withResolvers<"commit" | "abort">();
  const first = claimHeldUntil(end);
  await first.claimed;
  const second = claimOnce();
  await somebodyIsBlocked();
  resolve("commit");
  await first.ended;
  expect(await second).toEqual({ claimed: false, resourceId: "cred_1" });
});

test("a repetition gets the claim when the first aborts", async () => {
  const { promise: end, resolve } = Promise.withResolvers<"commit" | "abort">();
  const first = claimHeldUntil(end);
  await first.claimed;
  const second = claimOnce();
  await somebodyIsBlocked();
  resolve("abort");
  await expect(first.ended).rejects.toThrow("aborted on purpose");
  expect(await second).toEqual({ claimed: true });
});

test("works under serializable too", async () => {
  const results = await Promise.all([1, 2, 3].map(() => claimOnce("serializable")));
  expect(results.filter(({ claimed }) => claimed)).toHaveLength(1);
});

test.each([
  ["content", { ...claim, requestDigest: Buffer.from("another") }],
  ["method", { ...claim, method: "DeleteKey" }],
])("refuses the same id with another %s", async (_, other) => {
  await claimOnce();
  const reused = transact(database.db, (trx) => claimRequest(trx, other), { signal });
  await expect(reused).rejects.toMatchObject({ reason: "REQUEST_ID_REUSED" });
});

test("the same id of another actor is another request", async () => {
  await claimOnce();
  const other = transact(database.db, (trx) => claimRequest(trx, { ...claim, actorId: "user_2" }), {
    signal,
  });
  expect(await other).toEqual({ claimed: true });
});

test("deletes what is old, in batches, and nothing else", async () => {
  await sql`insert into idempotency_keys
    select 'acct_1', 'user_1', n::text, 'M', ''::bytea, 'x', now() - n * interval '1 hour'
    from generate_series(0, 24) n`.execute(database.db);
  const deleted = await deleteRequestsBefore(database.db, new Date(Date.now() - 12.5 * 3_600_000), {
    batchSize: 5,
  });
  expect(deleted).toBe(12);
  expect(await database.db.selectFrom("idempotency_keys").select("request_id").execute()).toHaveLength(13);
});

test("an audit event is there exactly when its transaction committed", async () => {
  const event = {
    accountId: "acct_1",
    id: "evt_1",
    occurredAt: new Date("2026-01-01T00:00:00Z"),
    actor: { user: "user_1" },
    action: "key.create",
    targetId: "cred_1",
    detail: { tags: ["a", "b"] },
  };
  const aborted = transact(
    database.db,
    async (trx) => {
      await appendAudit(trx, { ...event, id: "evt_0" });
      throw new Error("aborted on purpose");
    },
    { signal },
  );
  await expect(aborted).rejects.toThrow("aborted on purpose");
  await transact(database.db, (trx) => appendAudit(trx, event), { signal });
  expect(await database.db.selectFrom("audit_outbox").selectAll().execute()).toEqual([
    {
      account_id: "acct_1",
      id: "evt_1",
      occurred_at: event.occurredAt,
      actor: event.actor,
      action: "key.create",
      target_id: "cred_1",
      detail: event.detail,
    },
  ]);
});
