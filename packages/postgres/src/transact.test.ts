import { DomainError } from "@portcullis/errors";
import { type Kysely, sql } from "kysely";
import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Database, defineMigrations, isUniqueViolation, openDatabase, transact } from "./index.ts";
import { createTestDatabase, type TestDatabase } from "./testing/index.ts";

interface Schema {
  counters: { name: string; value: number };
}

const migrations = defineMigrations({
  "0001_counters": {
    up: async (db: Kysely<unknown>) => {
      await sql`create table counters (name text constraint counters_name primary key, value int8 not null)`.execute(
        db,
      );
    },
  },
});

let testDatabase: TestDatabase;
let database: Database<Schema>;
let admin: Client;
const signal = new AbortController().signal;

beforeAll(async () => {
  testDatabase = await createTestDatabase(migrations);
  database = open({});
  admin = new Client({ connectionString: testDatabase.url });
  await admin.connect();
});

afterAll(async () => {
  await database.close();
  await admin.end();
  await testDatabase.drop();
});

beforeEach(async () => {
  await database.db.deleteFrom("counters").execute();
  await database.db
    .insertInto("counters")
    .values([
      { name: "a", value: 0 },
      { name: "b", value: 0 },
    ])
    .execute();
});

function open(changes: { url?: string; statementTimeoutMs?: number }): Database<Schema> {
  return openDatabase<Schema>({
    url: testDatabase.url,
    applicationName: "transact-test",
    poolSizeMax: 4,
    statementTimeoutMs: 10_000,
    connectTimeoutMs: 1_000,
    onError: () => {},
    ...changes,
  });
}

const read = async (db: Kysely<Schema>, name: string) =>
  (await db.selectFrom("counters").select("value").where("name", "=", name).executeTakeFirstOrThrow()).value;

const add = (db: Kysely<Schema>, name: string) =>
  db
    .updateTable("counters")
    .set((eb) => ({ value: eb("value", "+", 1) }))
    .where("name", "=", name)
    .execute();

/** Lets two parties wait for each other. */
function meeting(): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let arrived = 0;
  return () => {
    if (++arrived >= 2) resolve();
    return promise;
  };
}

test("runs again after a serialization failure, and no update is lost", async () => {
  const bothHaveRead = meeting();
  let runs = 0;
  const increment = () =>
    transact(
      database.db,
      async (trx) => {
        runs++;
        const value = await read(trx, "a");
        await bothHaveRead();
        await trx
          .updateTable("counters")
          .set({ value: value + 1 })
          .where("name", "=", "a")
          .execute();
      },
      { signal, isolation: "serializable" },
    );
  await Promise.all([increment(), increment()]);
  expect(await read(database.db, "a")).toBe(2);
  expect(runs).toBe(3);
});

test("runs again after a deadlock", async () => {
  const bothHoldOne = meeting();
  let runs = 0;
  const addBoth = (first: string, second: string) =>
    transact(
      database.db,
      async (trx) => {
        runs++;
        await add(trx, first);
        await bothHoldOne();
        await add(trx, second);
      },
      { signal },
    );
  await Promise.all([addBoth("a", "b"), addBoth("b", "a")]);
  expect([await read(database.db, "a"), await read(database.db, "b")]).toEqual([2, 2]);
  expect(runs).toBe(3);
});

test("gives up with CONCURRENT_CHANGE when others are always in the way", async () => {
  let runs = 0;
  const hopeless = transact(
    database.db,
    async (trx) => {
      runs++;
      const value = await read(trx, "a");
      await add(database.db, "a");
      await trx.updateTable("counters").set({ value }).where("name", "=", "a").execute();
    },
    { signal, isolation: "repeatable read" },
  );
  await expect(hopeless).rejects.toMatchObject({ reason: "CONCURRENT_CHANGE" });
  expect(runs).toBe(6);
});

test("an error of the work rolls back and comes out as it is", async () => {
  const failing = transact(
    database.db,
    async (trx) => {
      await add(trx, "a");
      await trx.insertInto("counters").values({ name: "a", value: 1 }).execute();
    },
    { signal },
  );
  const error: unknown = await failing.catch((caught: unknown) => caught);
  expect(isUniqueViolation(error, "counters_name")).toBe(true);
  expect(isUniqueViolation(error, "another")).toBe(false);
  expect(await read(database.db, "a")).toBe(0);
});

test("a connection lost within the work says that nothing was changed", async () => {
  const cut = transact(
    database.db,
    async (trx) => {
      await add(trx, "a");
      await terminate(trx);
      await add(trx, "a");
    },
    { signal },
  );
  await expect(cut).rejects.toMatchObject({
    reason: "DEPENDENCY_UNAVAILABLE",
    message: "The database can't be reached right now. Nothing was changed; try again.",
  });
  expect(await read(database.db, "a")).toBe(0);
});

test("a connection lost at COMMIT doesn't claim to know the outcome", async () => {
  const cut = transact(
    database.db,
    async (trx) => {
      await add(trx, "a");
      await terminate(trx);
    },
    { signal },
  );
  const error: unknown = await cut.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(DomainError);
  expect(error).toMatchObject({
    reason: "DEPENDENCY_UNAVAILABLE",
    message: expect.stringContaining("may or may not"),
  });
  // The broken connection is not lent again.
  for (let n = 0; n < 4; n++) await database.ping(signal);
});

test("a write outside a transaction that loses its connection doesn't claim to know the outcome", async () => {
  const suicide = sql`select pg_terminate_backend(pg_backend_pid())`.execute(database.db);
  await expect(suicide).rejects.toMatchObject({
    reason: "DEPENDENCY_UNAVAILABLE",
    message: expect.stringContaining("may or may not"),
  });
  // The broken connection is not lent again.
  for (let n = 0; n < 4; n++) await database.ping(signal);
});

test("a database that isn't there is DEPENDENCY_UNAVAILABLE for reads, transactions and ping", async () => {
  const nowhere = open({ url: "postgres://a:b@127.0.0.1:1/c" });
  const expected = {
    reason: "DEPENDENCY_UNAVAILABLE",
    message: expect.stringContaining("Nothing was changed"),
  };
  await expect(read(nowhere.db, "a")).rejects.toMatchObject(expected);
  await expect(transact(nowhere.db, (trx) => read(trx, "a"), { signal })).rejects.toMatchObject(expected);
  await expect(nowhere.ping(signal)).rejects.toMatchObject(expected);
  await nowhere.close();
});

test("a pool without a free connection in time is DEPENDENCY_UNAVAILABLE", async () => {
  const small = openDatabase<Schema>({
    url: testDatabase.url,
    applicationName: "small",
    poolSizeMax: 1,
    statementTimeoutMs: 10_000,
    connectTimeoutMs: 50,
    onError: () => {},
  });
  const waiting = transact(small.db, () => read(small.db, "a"), { signal });
  await expect(waiting).rejects.toMatchObject({ reason: "DEPENDENCY_UNAVAILABLE" });
  await small.close();
});

test("a text with a NUL, which Postgres does not take, is the caller's mistake", async () => {
  await expect(sql`select ${"a\0b"}::text`.execute(database.db)).rejects.toMatchObject({
    reason: "VALIDATION_FAILED",
  });
});

test("a statement over its time is DEADLINE_EXCEEDED", async () => {
  const hasty = open({ statementTimeoutMs: 50 });
  const slow = transact(hasty.db, (trx) => sql`select pg_sleep(10)`.execute(trx), { signal });
  await expect(slow).rejects.toMatchObject({ reason: "DEADLINE_EXCEEDED" });
  await hasty.close();
});

test("an abort rejects at once and nothing is committed", async () => {
  await admin.query("begin");
  await admin.query("select from counters where name = 'a' for update");
  const controller = new AbortController();
  const blocked = transact(
    database.db,
    async (trx) => {
      await add(trx, "b");
      queueMicrotask(() => controller.abort());
      await add(trx, "a");
    },
    { signal: controller.signal },
  );
  await expect(blocked).rejects.toMatchObject({ reason: "CANCELLED" });
  await admin.query("rollback");
  // The abandoned transaction holds the row until it has rolled back.
  await add(database.db, "b");
  expect([await read(database.db, "a"), await read(database.db, "b")]).toEqual([0, 1]);
});

test("int8 is an exact number or an error, timestamptz a Date", async () => {
  const { rows } =
    await sql`select 9007199254740991::int8 as n, '2026-01-02T03:04:05Z'::timestamptz as t`.execute(
      database.db,
    );
  expect(rows).toEqual([{ n: Number.MAX_SAFE_INTEGER, t: new Date("2026-01-02T03:04:05Z") }]);
  await expect(sql`select 9007199254740993::int8`.execute(database.db)).rejects.toThrow(RangeError);
});

/** Ends the session of this transaction, and returns once it is gone. */
async function terminate(trx: Kysely<Schema>): Promise<void> {
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx);
  await admin.query("select pg_terminate_backend($1, 5000)", [rows[0]?.pid]);
}
