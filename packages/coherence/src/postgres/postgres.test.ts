import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, defineMigrations, openDatabase } from "@portcullis/postgres";
import { startEmbeddedPostgres } from "@portcullis/postgres/embedded";
import { createTestDatabase, type TestDatabase } from "@portcullis/postgres/testing";
import { type Kysely, sql, type Transaction } from "kysely";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { everything, type Scope, scopeOf } from "../index.ts";
import {
  appendEntry,
  type CoherenceTables,
  createCoherenceTables,
  createPostgresAuthority,
  logPosition,
  readHead,
} from "./index.ts";
import { trimLog } from "./log-cleanup.ts";

interface Schema extends CoherenceTables {
  things: { id: string; value: number };
}

const migrations = defineMigrations({
  "0001_coherence": {
    up: async (db: Kysely<unknown>) => {
      await createCoherenceTables(db);
      await sql`create table things (id text primary key, value integer not null)`.execute(db);
      await sql`insert into things values ('a', 0)`.execute(db);
    },
  },
});

const signal = new AbortController().signal;
const scope = scopeOf("thing", "a");
const self = { replica: "r1", incarnation: "i1" };

const openAt = (url: string): Database<Schema> =>
  openDatabase<Schema>({
    url,
    applicationName: "coherence-test",
    poolSizeMax: 8,
    statementTimeoutMs: 20_000,
    connectTimeoutMs: 2_000,
    onError: () => {},
  });

let testDatabase: TestDatabase;
let database: Database<Schema>;
let db: Kysely<Schema>;
let authority: ReturnType<typeof createPostgresAuthority>;

beforeEach(async () => {
  testDatabase = await createTestDatabase(migrations);
  database = openAt(testDatabase.url);
  ({ db } = database);
  authority = createPostgresAuthority(db);
  // The test's database is a copy, so its log finds itself in another place.
  await authority.sync(self, 0, 0, signal);
});

afterEach(async () => {
  await database.close();
  await testDatabase.drop();
});

const append = (scopes: readonly Scope[] = [scope]) =>
  db.transaction().execute((trx) => appendEntry(trx, scopes));

const headNow = async () => (await readHead(db)).at.position;

/** A transaction that goes on when told. */
function openTransaction() {
  const work = Promise.withResolvers<Transaction<Schema>>();
  const end = Promise.withResolvers<void>();
  const ended = db.transaction().execute(async (trx) => {
    work.resolve(trx);
    await end.promise;
  });
  return {
    trx: work.promise,
    commit: () => {
      end.resolve();
      return ended;
    },
  };
}

/** Resolves when so many sessions of the test wait for a lock. */
async function blocked(count: number, type = "Lock"): Promise<void> {
  await vi.waitFor(
    async () => {
      const { rows } = await sql<{ waiting: number }>`select count(*) as waiting from pg_stat_activity
        where application_name = 'coherence-test' and wait_event_type = ${type}
          and datname = current_database() and state = 'active'`.execute(db);
      expect(rows[0]?.waiting).toBe(count);
    },
    { timeout: 5_000, interval: 10 },
  );
}

test("positions count from 1 in one generation, with the same key for all", async () => {
  const [first, second] = [await append(), await append()];
  expect([first.at.position, second.at.position]).toEqual([1, 2]);
  expect(second.at.generation).toBe(first.at.generation);
  expect(second.channelKey).toEqual(first.channelKey);
  expect(first.channelKey).toHaveLength(32);
  expect(await readHead(db)).toEqual({ ...second, scopes: undefined });
});

test("scopes are written once each, and too many as everything", async () => {
  const many = Array.from({ length: 1_001 }, (_, index) => scopeOf("thing", `${index}`));
  expect((await append([scope, scope])).scopes).toEqual([scope]);
  expect((await append(many.slice(1))).scopes).toHaveLength(1_000);
  expect((await append(many)).scopes).toEqual([everything]);
  const { entries } = await authority.sync(self, 0, 10, signal);
  expect(entries.map(({ scopes }) => scopes.length)).toEqual([1, 1_000, 1]);
});

test("the order of positions is the order of commits: the second writer waits for the first", async () => {
  const first = openTransaction();
  const one = await appendEntry(await first.trx, [scope]);
  // It takes as long as it takes to see that the second waits.
  await sql`set local idle_in_transaction_session_timeout = 0`.execute(await first.trx);
  let secondIsDone = false;
  const second = append().finally(() => (secondIsDone = true));
  await blocked(1);
  expect(await headNow()).toBe(0);
  expect((await authority.sync(self, 0, 10, signal)).entries).toEqual([]);
  expect(secondIsDone).toBe(false);
  await first.commit();
  expect([one.at.position, (await second).at.position]).toEqual([1, 2]);
});

test("a writer that stops with the head in its hands makes nobody wait for long, and has changed nothing", async () => {
  const before = await headNow();
  const stopped = openTransaction();
  await appendEntry(await stopped.trx, [scope]);
  const startMs = performance.now();
  const { at } = await append();
  expect(performance.now() - startMs).toBeLessThan(5_000);
  expect(at.position).toBe(before + 1);
  expect(await stopped.commit().catch(() => "nothing was changed")).toBe("nothing was changed");
});

test("a position that was rolled back is the next writer's: there are no gaps", async () => {
  const failing = db.transaction().execute(async (trx) => {
    await appendEntry(trx, [scope]);
    throw new Error("changed its mind");
  });
  await expect(failing).rejects.toThrow("changed its mind");
  expect((await append()).at.position).toBe(1);
});

test("a row and logPosition in one statement are of one snapshot, however long it takes", async () => {
  const gate = openTransaction();
  await sql`select pg_advisory_xact_lock(7)`.execute(await gate.trx);
  const reading = sql<{ value: number; readAt: { position: number; generation: string } }>`
    with gate as materialized (select pg_advisory_xact_lock(7))
    select value, ${logPosition} as "readAt" from gate, things where id = 'a'`.execute(db);
  await blocked(1);
  await db.transaction().execute(async (trx) => {
    await trx.updateTable("things").set({ value: 1 }).execute();
    await appendEntry(trx, [scope]);
  });
  await gate.commit();
  const { generation } = (await readHead(db)).at;
  expect((await reading).rows).toEqual([{ value: 0, readAt: { generation, position: 0 } }]);
  const fresh = await db
    .selectFrom("things")
    .select(["value", logPosition.as("readAt")])
    .execute();
  expect(fresh).toEqual([{ value: 1, readAt: { generation, position: 1 } }]);
});

test("a sync tells the head and the last entries after a position, in order, and what is left of a trimmed log", async () => {
  await authority.register(self, 1_000, signal);
  for (let count = 0; count < 6; count++) await append();
  const positionsOf = async (after: number, limit: number) => {
    const { head, entries, isRegistered } = await authority.sync(self, after, limit, signal);
    expect([head.position, isRegistered]).toEqual([6, true]);
    return entries.map(({ position }) => position);
  };
  expect(await positionsOf(3, 10)).toEqual([4, 5, 6]);
  expect(await positionsOf(1, 2)).toEqual([5, 6]);
  expect(await positionsOf(6, 10)).toEqual([]);
  expect(await trimLog(db, { keptMs: -60_000, keptEntries: 2, batchSize: 3 })).toBe(4);
  expect(await positionsOf(0, 10)).toEqual([5, 6]);
  expect(await trimLog(db, { keptEntries: 0 })).toBe(0);
});

test("a writer sees who registered before it looked, and who registers later sees the writer's entry", async () => {
  const writer = openTransaction();
  await appendEntry(await writer.trx, [scope]);
  await authority.register(self, 1_000, signal);
  // The sync did not see the entry, so the writer must see the replica.
  expect((await authority.sync(self, 0, 10, signal)).head.position).toBe(0);
  await writer.commit();
  expect(await authority.registrations(signal)).toEqual([
    { ...self, leaseMs: 1_000, isDead: false, acknowledged: 0 },
  ]);
  const late = { replica: "r2", incarnation: "i2" };
  await authority.register(late, 1_000, signal);
  expect((await authority.sync(late, 0, 10, signal)).head.position).toBe(1);
});

test("a registration that nobody waits for any more does not replace its successor", async () => {
  await authority.register(self, 1_000, signal);
  const successor = openTransaction();
  await sql`update coherence_replicas set incarnation = 'i3'`.execute(await successor.trx);
  const impatient = new AbortController();
  const stale = authority.register({ replica: "r1", incarnation: "i2" }, 1_000, impatient.signal);
  await blocked(1);
  impatient.abort(new Error("enough"));
  await expect(stale).rejects.toThrow("enough");
  await successor.commit();
  await blocked(0);
  expect((await authority.registrations(signal)).map(({ incarnation }) => incarnation)).toEqual(["i3"]);
});

test("a new incarnation takes the place of the old one, which is not registered any more", async () => {
  await authority.register(self, 1_000, signal);
  await append();
  await authority.acknowledge(self, (await readHead(db)).at, signal);
  const next = { ...self, incarnation: "i2" };
  await authority.register(next, 500, signal);
  expect((await authority.sync(self, 0, 10, signal)).isRegistered).toBe(false);
  expect(await authority.registrations(signal)).toEqual([
    { ...next, leaseMs: 500, isDead: false, acknowledged: 0 },
  ]);
  await authority.unregister(self, signal);
  expect(await authority.registrations(signal)).toHaveLength(1);
  await authority.unregister(next, signal);
  expect(await authority.registrations(signal)).toEqual([]);
});

test("an acknowledgement counts for its incarnation and generation only, and is never taken back", async () => {
  await authority.register(self, 1_000, signal);
  await append();
  const { at } = await append();
  const acknowledged = async () => (await authority.registrations(signal))[0]?.acknowledged;
  await authority.acknowledge({ ...self, incarnation: "other" }, at, signal);
  await authority.acknowledge(self, { ...at, generation: "other" }, signal);
  expect(await acknowledged()).toBe(0);
  await authority.acknowledge(self, at, signal);
  await authority.acknowledge(self, { ...at, position: 1 }, signal);
  expect(await acknowledged()).toBe(2);
  await sql`update coherence_head set generation = 'restored'`.execute(db);
  expect(await acknowledged()).toBe(0);
});

test("who is marked dead learns it with its next sync; only the dead are removed", async () => {
  await authority.register(self, 1_000, signal);
  await authority.removeDead(self, signal);
  await authority.markDead({ ...self, incarnation: "other" }, signal);
  expect((await authority.sync(self, 0, 10, signal)).isRegistered).toBe(true);
  await authority.markDead(self, signal);
  expect((await authority.sync(self, 0, 10, signal)).isRegistered).toBe(false);
  expect((await authority.registrations(signal))[0]?.isDead).toBe(true);
  await authority.removeDead(self, signal);
  expect(await authority.registrations(signal)).toEqual([]);
});

test("in another place the log is of another generation with another key, for syncs and writers alike", async () => {
  const before = await append();
  const elsewhere = sql`update coherence_head set place = 'another timeline'`;
  await elsewhere.execute(db);
  const synced = await authority.sync(self, 0, 10, signal);
  expect(synced.head).toMatchObject({
    position: 1,
    generation: expect.not.stringMatching(before.at.generation),
  });
  expect(synced.channelKey).not.toEqual(before.channelKey);
  expect((await authority.sync(self, 0, 10, signal)).head).toEqual(synced.head);
  await elsewhere.execute(db);
  const written = await append();
  expect(written.at).toMatchObject({ position: 2 });
  expect(written.at.generation).not.toBe(synced.head.generation);
  expect((await authority.sync(self, 0, 10, signal)).head).toEqual(written.at);
});

test("a copy of the database is of another generation, before anybody has written to it", async () => {
  const { at } = await readHead(db);
  await database.close();
  const name = `copy_${Date.now()}`;
  const original = new URL(testDatabase.url).pathname.slice(1);
  const admin = openAt(testDatabase.url.replace(/[^/]+$/, "postgres"));
  try {
    await sql.raw(`create database ${name} template ${original}`).execute(admin.db);
    const copy = openAt(testDatabase.url.replace(/[^/]+$/, name));
    expect((await readHead(copy.db)).at.generation).not.toBe(at.generation);
    await copy.close();
  } finally {
    await sql.raw(`drop database if exists ${name} with (force)`).execute(admin.db);
    await admin.close();
  }
});

test("a role that owns nothing and may read the tables reads the generation", async () => {
  const role = `reader_${Date.now()}`;
  const read = db.transaction().execute(async (trx) => {
    await sql.raw(`create role ${role}`).execute(trx);
    await sql.raw(`grant select on coherence_head to ${role}`).execute(trx);
    await sql.raw(`set local role ${role}`).execute(trx);
    expect((await readHead(trx)).at).toEqual((await readHead(db)).at);
    throw new Error("leave no role behind");
  });
  await expect(read).rejects.toThrow("leave no role behind");
});

test("what a statement that began on a standby saw is no answer", async () => {
  await db
    .transaction()
    .setAccessMode("read only")
    .execute(async (trx) => {
      const standby = createPostgresAuthority(trx);
      await expect(standby.sync(self, 0, 10, signal)).rejects.toThrow("not the primary");
      await expect(standby.registrations(signal)).rejects.toThrow("not the primary");
    });
});

test("an aborted call rejects", async () => {
  const abort = AbortSignal.abort(new Error("too late"));
  await expect(authority.sync(self, 0, 10, abort)).rejects.toThrow("too late");
  await expect(authority.registrations(abort)).rejects.toThrow("too late");
});

test("a standby answers nothing; promoted it is of another generation, and so are two that were promoted apart", async () => {
  const dir = await mkdtemp(join(tmpdir(), "portcullis-coherence-"));
  /** Runs a server on the folder and tells the generation that `use` left there. */
  const generationAt = async (folder: string, use: (server: Kysely<Schema>) => Promise<unknown>) => {
    const server = await startEmbeddedPostgres({ dataDir: folder, fsync: false });
    const opened = openAt(server.url());
    try {
      await use(opened.db);
      return (await createPostgresAuthority(opened.db).sync(self, 0, 0, signal)).head.generation;
    } finally {
      await opened.close();
      await server.stop();
    }
  };
  const promote = async (server: Kysely<Schema>) => {
    const standby = createPostgresAuthority(server);
    await expect(standby.sync(self, 0, 0, signal)).rejects.toThrow("recovery is in progress");
    await expect(standby.registrations(signal)).rejects.toThrow("recovery is in progress");
    await expect(server.selectNoFrom(logPosition.as("readAt")).execute()).rejects.toThrow("recovery");
    await sql`select pg_promote()`.execute(server);
  };
  try {
    const generations = [await generationAt(join(dir, "first"), (server) => createCoherenceTables(server))];
    for (const name of ["second", "third"]) {
      execFileSync("cp", ["-a", join(dir, "first"), join(dir, name)]);
      await writeFile(join(dir, name, "pgdata", "standby.signal"), "");
      generations.push(await generationAt(join(dir, name), promote));
    }
    const timelines = generations.map((generation) => generation.split(/[/.]/)[1]);
    expect(timelines).toEqual(["00000001", "00000002", "00000002"]);
    expect(new Set(generations.map((generation) => generation.split("/")[0])).size).toBe(3);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
