import { type Kysely, sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createReceiptsTable,
  type Database,
  defineMigrations,
  openDatabase,
  type SharedTables,
  storeReceipt,
} from "./index.ts";
import { createTestDatabase, type TestDatabase } from "./testing/index.ts";

const migrations = defineMigrations({
  "0001_receipts_alone": { up: (db: Kysely<unknown>) => createReceiptsTable(db) },
});
const stored = {
  accountId: "acct_1",
  receiptId: "rcp_1",
  operation: "service_user.deactivate",
  targetId: "svc_1",
  issuedAt: new Date("2026-01-02T03:04:05.678Z"),
  receipt: new Uint8Array([0, 255, 1]),
};
const { signal } = new AbortController();

let testDatabase: TestDatabase;
let database: Database<SharedTables>;

beforeAll(async () => {
  testDatabase = await createTestDatabase(migrations);
  database = openDatabase<SharedTables>({
    url: testDatabase.url,
    applicationName: "receipts-test",
    poolSizeMax: 2,
    statementTimeoutMs: 10_000,
    connectTimeoutMs: 2_000,
    onError: () => {},
  });
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

test("a receipt is kept byte for byte, once, and for its account", async () => {
  await storeReceipt(database.db, stored, signal);
  await storeReceipt(database.db, { ...stored, accountId: "acct_2", receipt: new Uint8Array([2]) }, signal);
  await expect(storeReceipt(database.db, stored, signal)).rejects.toThrow("revocation_receipts_pkey");
  const rows = await database.db
    .selectFrom("revocation_receipts")
    .selectAll()
    .where("account_id", "=", "acct_1")
    .execute();
  expect(rows).toEqual([
    {
      account_id: "acct_1",
      receipt_id: "rcp_1",
      operation: "service_user.deactivate",
      target_id: "svc_1",
      issued_at: stored.issuedAt,
      receipt: Buffer.from(stored.receipt),
    },
  ]);
});

test("the receipts of one thing, in order of time, are found by an index", async () => {
  const plan = await database.db.connection().execute(async (db) => {
    await sql`set enable_seqscan = off`.execute(db);
    await sql`set enable_sort = off`.execute(db);
    return sql<Record<string, string>>`explain select * from revocation_receipts
      where account_id = 'acct_1' and target_id = 'svc_1' order by issued_at`.execute(db);
  });
  expect(JSON.stringify(plan.rows)).toContain("Index Scan using revocation_receipts_target");
});

test("who waits no longer is let go, though the database does not answer", async () => {
  await database.db.transaction().execute(async (trx) => {
    await sql`lock table revocation_receipts`.execute(trx);
    const late = storeReceipt(database.db, { ...stored, receiptId: "rcp_2" }, AbortSignal.timeout(100));
    await expect(late).rejects.toMatchObject({ name: "TimeoutError" });
  });
});
