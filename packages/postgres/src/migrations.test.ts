import { type Kysely, sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  type Database,
  defineMigrations,
  migrateToLatest,
  openDatabase,
  pendingMigrations,
  requireMigrated,
} from "./index.ts";
import { createTestDatabase, type TestDatabase } from "./testing/index.ts";

const table = (name: string) => ({
  up: async (db: Kysely<unknown>) => {
    await sql`create table ${sql.table(name)} (id text primary key)`.execute(db);
  },
});
const failing = {
  up: async () => {
    throw new Error("failed on purpose");
  },
};

const one = defineMigrations({ "0001_one": table("one") });
const two = defineMigrations({ "0002_two": table("two"), "0001_one": table("one") });
const three = defineMigrations({
  "0001_one": table("one"),
  "0002_two": table("two"),
  "0003_three": table("three"),
});

let testDatabase: TestDatabase;
let database: Database<unknown>;

beforeEach(async () => {
  testDatabase = await createTestDatabase(new Map());
  database = openDatabase<unknown>({
    url: testDatabase.url,
    applicationName: "migrations-test",
    poolSizeMax: 2,
    statementTimeoutMs: 10_000,
    connectTimeoutMs: 2_000,
    onError: () => {},
  });
});

afterEach(async () => {
  await database.close();
  await testDatabase.drop();
});

test("runs what is missing, in order, once", async () => {
  expect(await pendingMigrations(database.db, two)).toEqual(["0001_one", "0002_two"]);
  expect(await migrateToLatest(testDatabase.url, two)).toEqual(["0001_one", "0002_two"]);
  expect(await migrateToLatest(testDatabase.url, three)).toEqual(["0003_three"]);
  expect(await migrateToLatest(testDatabase.url, three)).toEqual([]);
  expect(await pendingMigrations(database.db, three)).toEqual([]);
});

test("processes that migrate at once take turns", async () => {
  const runs = await Promise.all([1, 2, 3, 4].map(() => migrateToLatest(testDatabase.url, three)));
  expect(runs.toSorted((a, b) => a.length - b.length)).toEqual([
    [],
    [],
    [],
    ["0001_one", "0002_two", "0003_three"],
  ]);
});

test("a failure leaves the database as it was", async () => {
  const broken = defineMigrations({ "0001_one": table("one"), "0002_failing": failing });
  await expect(migrateToLatest(testDatabase.url, broken)).rejects.toThrow("failed on purpose");
  expect(await pendingMigrations(database.db, broken)).toEqual(["0001_one", "0002_failing"]);
  expect(await migrateToLatest(testDatabase.url, two)).toHaveLength(2);
});

test("a service refuses a database that lacks a migration, and says what to do", async () => {
  await expect(requireMigrated(database.db, one)).rejects.toThrow(/0001_one.*migrate command/);
  await migrateToLatest(testDatabase.url, one);
  await expect(requireMigrated(database.db, two)).rejects.toThrow("0002_two");
  await requireMigrated(database.db, one);
});

test("a service accepts the database of a newer release, and its migrate command leaves it alone", async () => {
  await migrateToLatest(testDatabase.url, three);
  await requireMigrated(database.db, one);
  expect(await migrateToLatest(testDatabase.url, one)).toEqual([]);
});

test("a service refuses a database with strange migrations among ours", async () => {
  await migrateToLatest(testDatabase.url, three);
  const others = defineMigrations({ "0001_one": table("one"), "0003_three": table("three") });
  await expect(requireMigrated(database.db, others)).rejects.toThrow("0002_two");
});

test("a new migration can't be put before one that has run", async () => {
  await migrateToLatest(testDatabase.url, defineMigrations({ "0002_two": table("two") }));
  await expect(migrateToLatest(testDatabase.url, two)).rejects.toThrow("later name");
});

test("refuses names that don't sort", () => {
  expect(() => defineMigrations({ one: failing })).toThrow("0001_words");
});
