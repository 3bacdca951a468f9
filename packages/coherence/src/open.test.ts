import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, defineMigrations, openDatabase } from "@portcullis/postgres";
import { createTestDatabase, type TestDatabase } from "@portcullis/postgres/testing";
import { type EmbeddedRedis, startEmbeddedRedis } from "@portcullis/redis/embedded";
import { noRedisServer, startTestRedis } from "@portcullis/redis/testing";
import { Redis } from "ioredis";
import { type Kysely, sql } from "kysely";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  CoherentCache,
  type Committed,
  encodeAcknowledgement,
  encodePush,
  type Settlement,
  scopeOf,
} from "./index.ts";
import { type Coherence, openCoherence } from "./open.ts";
import {
  appendEntry,
  type CoherenceTables,
  createCoherenceTables,
  createPostgresAuthority,
  logPosition,
  readHead,
} from "./postgres/index.ts";

const migrations = defineMigrations({
  "0001_coherence": { up: async (db: Kysely<unknown>) => createCoherenceTables(db) },
});

const signal = AbortSignal.timeout(600_000);
const scope = scopeOf("thing", "a");
const leaseMs = 1_000;
const pushes = "{portcullis:coherence:test}:pushes";

const real = await startTestRedis();
await real?.stop();

describe.skipIf(real === undefined)(`with a real Redis (${noRedisServer})`, () => {
  let testDatabase: TestDatabase;
  let database: Database<CoherenceTables>;
  let dir: string;
  let redis: EmbeddedRedis;
  let raw: Redis;
  const opened: Coherence[] = [];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "portcullis-coherence-"));
    [testDatabase, redis] = await Promise.all([createTestDatabase(migrations), startEmbeddedRedis({ dir })]);
    raw = new Redis(redis.url);
    raw.on("error", () => {});
    database = openDatabase<CoherenceTables>({
      url: testDatabase.url,
      applicationName: "coherence-open-test",
      poolSizeMax: 8,
      statementTimeoutMs: 5_000,
      connectTimeoutMs: 2_000,
      onError: () => {},
    });
  });

  afterEach(async () => {
    for (const coherence of opened.splice(0)) await coherence.close(signal);
    raw.disconnect();
    await redis.stop();
    await database.close();
    await testDatabase.drop();
    await rm(dir, { recursive: true, force: true });
  });

  async function enter(replica: string) {
    const coherence = await openCoherence({
      db: database.db,
      redis: { url: redis.url },
      service: "test",
      replica,
      kinds: new Set(["thing"]),
      onError: () => {},
      onChannelOutage: () => {},
    });
    opened.push(coherence);
    const cache = new CoherentCache<string, string>({
      table: coherence.table,
      entriesMax: 100,
      bytesMax: 10_000,
      sizeOf: () => 100,
    });
    const remember = async () => {
      const { rows } = await sql<{ readAt: { position: number; generation: string } }>`
        select ${logPosition} as "readAt"`.execute(database.db);
      const [row] = rows;
      return row !== undefined && cache.fill("a", "value", [scope], row.readAt);
    };
    /** What a request would be answered from memory; undefined: it would ask. */
    const answer = () => (coherence.replica.isCurrent() ? cache.get("a") : undefined);
    return { ...coherence, remember, answer };
  }

  type Joined = Awaited<ReturnType<typeof enter>>;

  async function append(): Promise<Committed> {
    const appended = await database.db.transaction().execute((trx) => appendEntry(trx, [scope]));
    return { ...appended, committedMonotonicMs: performance.now() };
  }

  async function revoke({ settler }: Joined): Promise<Settlement & { readonly tookMs: number }> {
    const committed = await append();
    const settlement = await settler.settle(committed, signal);
    return { ...settlement, tookMs: performance.now() - committed.committedMonotonicMs };
  }

  /** A writer waits once for a lease's time when it has just started, and pushes come once all listen. */
  async function bothInStep(): Promise<readonly [Joined, Joined]> {
    const [a, b] = [await enter("a"), await enter("b")];
    await vi.waitFor(async () => expect((await revoke(a)).tookMs).toBeLessThan(100), { timeout: 10_000 });
    return [a, b];
  }

  test("two replicas acknowledge within milliseconds, and neither answers what was before", async () => {
    const [a, b] = await bothInStep();
    expect([await a.remember(), await b.remember()]).toEqual([true, true]);
    await vi.waitFor(() => expect([a.answer(), b.answer()]).toEqual(["value", "value"]));
    const settlement = await revoke(a);
    expect([a.answer(), b.answer()]).toEqual([undefined, undefined]);
    expect(settlement.method).toBe("acknowledged");
    expect(settlement.verifiers.map(({ outcome }) => outcome)).toEqual(["acknowledged", "acknowledged"]);
    expect(settlement.tookMs).toBeLessThan(leaseMs / 2);
    const nothingToDo = { ...(await readHead(database.db)), committedMonotonicMs: performance.now() };
    expect((await b.settler.settle(nothingToDo, signal)).method).toBe("acknowledged");
  });

  test("an entry that was acknowledged while the process was busy is applied before its next answer", async () => {
    const [a, b] = await bothInStep();
    await b.remember();
    await vi.waitFor(() => expect(b.answer()).toBe("value"));
    const { at, channelKey, scopes } = await append();
    const text = encodePush({ ...at, scopes, writer: "w" }, channelKey);
    // Another process commits, pushes and waits for both, while nothing here can run.
    const program = `
      const { Redis } = require("ioredis");
      const [redis, listener] = [new Redis(${JSON.stringify(redis.url)}), new Redis(${JSON.stringify(redis.url)})];
      let count = 0;
      listener.on("message", () => { if (++count === 2) process.exit(); });
      listener.subscribe("{portcullis:coherence:test}:acks:w").then(() =>
        redis.publish(${JSON.stringify(pushes)}, ${JSON.stringify(text)}));`;
    execFileSync(process.execPath, ["-e", program], { timeout: leaseMs * 10 });
    expect(b.answer()).toBeUndefined();
    expect(b.replica.position).toBe(at.position);
    expect([a.replica.isCurrent(), a.replica.position]).toEqual([expect.any(Boolean), at.position]);
  });

  test("without Redis writers are told by the authority, within the lease; memory is used all the same", async () => {
    const [a, b] = await bothInStep();
    await redis.stop();
    await b.remember();
    const settlement = await revoke(a);
    expect(settlement.method).toBe("acknowledged");
    expect(settlement.tookMs).toBeLessThan(leaseMs);
    expect(b.answer()).toBeUndefined();
    await vi.waitFor(() => expect(b.replica.isCurrent()).toBe(true));
  });

  test("Redis restarted or flushed: acknowledgements are back by themselves", async () => {
    const [a, b] = await bothInStep();
    const { port, password } = new URL(redis.url);
    await redis.stop();
    redis = await startEmbeddedRedis({ dir, port: Number(port), password });
    await vi.waitFor(async () => expect((await revoke(a)).tookMs).toBeLessThan(100), { timeout: 10_000 });
    await vi.waitFor(() => raw.flushall());
    await b.remember();
    expect((await revoke(a)).method).toBe("acknowledged");
    expect(b.answer()).toBeUndefined();
  });

  test("who does not acknowledge is waited for, whatever others say in its name, then buried", async () => {
    const [a] = await bothInStep();
    const authority = createPostgresAuthority(database.db);
    const silent = { replica: "silent", incarnation: "i" };
    await authority.register(silent, leaseMs, signal);
    const before = await append();
    const committed = await append();
    const settling = a.settler.settle(committed, signal);
    const mailbox = "{portcullis:coherence:test}:acks:*";
    const mailboxes = (await raw.pubsub("CHANNELS", mailbox)).map(String);
    expect(mailboxes).toHaveLength(2);
    const ack = { ...committed.at, ...silent, sessionsClosed: 0 };
    const replayed = encodeAcknowledgement({ ...ack, position: before.at.position }, committed.channelKey);
    for (const text of [encodeAcknowledgement(ack, Buffer.alloc(32)), replayed, "ack", JSON.stringify(ack)]) {
      for (const name of mailboxes) await raw.publish(name, text);
    }
    const settlement = await settling;
    expect(settlement.method).toBe("waited");
    expect(settlement.verifiers).toContainEqual({ replica: "silent", outcome: "lease_over" });
    expect(performance.now() - committed.committedMonotonicMs).toBeGreaterThanOrEqual(leaseMs);
    await vi.waitFor(async () => {
      const present = await authority.registrations(signal);
      expect(present.find(({ replica }) => replica === "silent")?.isDead).toBe(true);
    });
    await authority.removeDead(silent, signal);
  });

  test("a push from beyond what is known ends the use of memory until a sync", async () => {
    const [, b] = await bothInStep();
    await b.remember();
    const { at, channelKey } = await readHead(database.db);
    const text = encodePush({ ...at, position: at.position + 5, scopes: [], writer: "w" }, channelKey);
    const program = `
      const { Redis } = require("ioredis");
      const redis = new Redis(${JSON.stringify(redis.url)});
      redis.publish(${JSON.stringify(pushes)}, ${JSON.stringify(text)}).then(() => setTimeout(process.exit, 50));`;
    execFileSync(process.execPath, ["-e", program], { timeout: leaseMs * 10 });
    expect(b.replica.isCurrent()).toBe(false);
    expect(await b.replica.confirm(signal)).toBe(true);
    expect(b.replica.isCurrent()).toBe(true);
  });

  test("a restored log: everybody forgets, and writers wait as long as leases of before may last", async () => {
    const [a, b] = await bothInStep();
    await b.remember();
    const seen = Promise.withResolvers<number>();
    await sql`update coherence_head set generation = 'restored', position = 2`.execute(database.db);
    await sql`delete from coherence_log where position > 2`.execute(database.db);
    const restoredMs = performance.now();
    void b.replica.confirm(signal).then(() => seen.resolve(performance.now()));
    await seen.promise;
    expect(b.answer()).toBeUndefined();
    expect(b.replica.basis().generation).toContain("restored");
    expect((await revoke(a)).at.position).toBe(3);
    expect(performance.now() - restoredMs).toBeGreaterThanOrEqual(leaseMs);
    await b.remember();
    await vi.waitFor(() => expect(b.answer()).toBe("value"));
    const { method, tookMs } = await revoke(a);
    expect(method).toBe("acknowledged");
    expect(tookMs).toBeLessThan(leaseMs / 2);
    expect(b.answer()).toBeUndefined();
  });

  test("who leaves is not waited for", async () => {
    const [a, b] = await bothInStep();
    opened.splice(1, 1);
    await b.close(signal);
    expect(b.replica.isCurrent()).toBe(false);
    const { method, verifiers, tookMs } = await revoke(a);
    expect([method, verifiers.length]).toEqual(["acknowledged", 1]);
    expect(tookMs).toBeLessThan(leaseMs / 2);
  });
});
