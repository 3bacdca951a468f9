import { openRedis, type RedisConnection, type RedisTarget } from "@portcullis/redis";
import { noRedisServer, startTestRedis } from "@portcullis/redis/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createWarmStore } from "./index.ts";
import { RedisServers, startCluster } from "./testing/start-servers.ts";

const keys = { generation: "g", channelKey: Buffer.alloc(32, 1) };
const record = (text: string, position = 7) => ({ value: Buffer.from(text), position });
const soon = () => AbortSignal.timeout(10_000);

const real = await startTestRedis();
await real?.stop();

describe.skipIf(real === undefined)(`a real server (${noRedisServer})`, () => {
  let redis: Awaited<ReturnType<typeof startTestRedis>>;
  let connection: RedisConnection;

  beforeEach(async () => {
    redis = await startTestRedis();
    connection = await connect({ url: redis?.url ?? "" });
  });

  afterEach(async () => {
    await connection.close();
    await redis?.stop();
  });

  async function connect(target: RedisTarget): Promise<RedisConnection> {
    const opened = openRedis(target, { onError: () => {}, commandTimeoutMs: 500 });
    await opened.ready(soon());
    return opened;
  }

  test("gives back what was put, with the position that it was read at", async () => {
    const store = createWarmStore({ redis: connection, service: "s" });
    await store.put(new Map([["a", record("one")]]), keys);
    const found = await store.get(["a", "b"], keys);
    expect(found).toEqual(new Map([["a", { generation: "g", ...record("one") }]]));
    const [name] = await connection.client.keys("*");
    expect(await connection.client.pttl(name ?? "")).toBeGreaterThan(500_000);
    expect(`${name} ${await connection.client.get(name ?? "")}`).not.toContain("one");
  });

  test("a record that was altered, or moved to another key, generation or channel key, is not there", async () => {
    const store = createWarmStore({ redis: connection, service: "s" });
    await store.put(new Map([["a", record("one")]]), keys);
    const [ofA = ""] = await connection.client.keys("*");
    const sealed = await connection.client.getBuffer(ofA);
    if (sealed === null) throw new Error("nothing was put");
    await store.put(new Map([["b", record("two")]]), keys);
    const ofB = (await connection.client.keys("*")).find((name) => name !== ofA) ?? "";
    await connection.client.set(ofB, sealed);
    expect([...(await store.get(["a", "b"], keys)).keys()]).toEqual(["a"]);
    expect((await store.get(["a"], { ...keys, generation: "h" })).size).toBe(0);
    expect((await store.get(["a"], { ...keys, channelKey: Buffer.alloc(32, 2) })).size).toBe(0);
    for (const at of [0, 12, 28, sealed.length - 1]) {
      const altered = Buffer.from(sealed);
      altered[at] = (altered[at] ?? 0) ^ 1;
      await connection.client.set(ofA, altered);
      expect((await store.get(["a"], keys)).size).toBe(0);
    }
    await connection.client.set(ofA, sealed.subarray(0, 20));
    expect((await store.get(["a"], keys)).size).toBe(0);
  });

  test("leaves out values that are too long, and without Redis has nothing", async () => {
    const store = createWarmStore({ redis: connection, service: "s", valueBytesMax: 3 });
    await store.put(new Map([["a", record("long")]]), keys);
    expect((await store.get(["a"], keys)).size).toBe(0);
    await redis?.stop();
    await store.put(new Map([["a", record("one")]]), keys);
    expect((await store.get(["a"], keys)).size).toBe(0);
  });

  test("in a cluster records of several nodes are read at once", async () => {
    const servers = new RedisServers();
    const ports = await startCluster(servers);
    const cluster = await connect({ clusterNodes: ports.map((port) => `redis://127.0.0.1:${port}`) });
    try {
      const store = createWarmStore({ redis: cluster, service: "s" });
      const records = new Map(Array.from({ length: 40 }, (_, index) => [`k${index}`, record(`v${index}`)]));
      await store.put(records, keys);
      const found = await store.get([...records.keys(), "absent"], keys);
      expect(new Map([...found].map(([key, { value, position }]) => [key, { value, position }]))).toEqual(
        records,
      );
    } finally {
      await cluster.close();
      await servers.stop();
    }
  });
});
