import { openRedis, type RedisConnection } from "@portcullis/redis";
import { noRedisServer, startTestRedis, type TestRedis } from "@portcullis/redis/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type AttemptLimiterOptions,
  type ClosableAttemptLimiter,
  createAttemptLimiter,
  failuresMax,
  windowMs,
} from "./attempt-limiter.ts";
import { createOutageLog } from "./outage-log.ts";
import { createRedisAttempts, type SharedAttempts } from "./shared-attempts.ts";

const source = "192.0.2.1";
const alone: SharedAttempts = { count: () => Promise.reject(new Error("nobody there")) };

function limiterOf(parts: Partial<AttemptLimiterOptions> = {}) {
  const clock = { nowMs: 1_000_000 };
  const events: string[] = [];
  const limiter = createAttemptLimiter({
    shared: alone,
    nowMs: () => clock.nowMs,
    outage: createOutageLog({
      info: (text) => events.push(text),
      warn: (_detail, text) => events.push(text),
    }),
    ...parts,
  });
  return { limiter, clock, events };
}

function fail(limiter: ClosableAttemptLimiter, times: number, keyId = "k"): void {
  for (let count = 0; count < times; count++) limiter.failed(source, keyId);
}

describe("one replica, all by itself", () => {
  test("refuses after ten failures, for the rest of the minute that began with the first", async () => {
    const { limiter, clock } = limiterOf();
    fail(limiter, 1);
    clock.nowMs += 20_000;
    fail(limiter, failuresMax - 2);
    expect(limiter.blockedForMs(source, "k")).toBe(0);
    fail(limiter, 1);
    expect(limiter.blockedForMs(source, "k")).toBe(windowMs - 20_000);
    clock.nowMs += windowMs - 20_000 - 1;
    expect(limiter.blockedForMs(source, "k")).toBe(1);
    clock.nowMs += 1;
    expect(limiter.blockedForMs(source, "k")).toBe(0);
    fail(limiter, failuresMax - 1);
    expect(limiter.blockedForMs(source, "k")).toBe(0);
    await limiter.close();
  });

  test("refuses that source with that key id, and no other pair", async () => {
    const { limiter } = limiterOf();
    fail(limiter, failuresMax);
    expect(limiter.blockedForMs("192.0.2.2", "k")).toBe(0);
    expect(limiter.blockedForMs(source, "other")).toBe(0);
    expect(limiter.blockedForMs(source, "k")).toBeGreaterThan(0);
    await limiter.close();
  });

  test("remembers no more than it may, and forgets the oldest first", async () => {
    const { limiter } = limiterOf({ entriesMax: 3 });
    for (const keyId of ["a", "b", "c", "d"]) fail(limiter, failuresMax, keyId);
    const blocked = ["a", "b", "c", "d"].map((keyId) => limiter.blockedForMs(source, keyId) > 0);
    expect(blocked).toEqual([false, true, true, true]);
    await limiter.close();
  });

  test("shares so many failures at once at most, and closes when they are shared", async () => {
    const open = Promise.withResolvers<{ failures: number; remainingMs: number }>();
    let asked = 0;
    const shared = { count: () => (asked++, open.promise) };
    const { limiter } = limiterOf({ shared, sharingMax: 5 });
    fail(limiter, 50);
    expect(asked).toBe(5);
    let isClosed = false;
    const closing = limiter.close().then(() => (isClosed = true));
    expect(isClosed).toBe(false);
    open.resolve({ failures: 5, remainingMs: windowMs });
    await closing;
    // What the others have counted is less than what we have.
    expect(limiter.blockedForMs(source, "k")).toBe(windowMs);
  });

  test("tells of an outage once", async () => {
    const { limiter, events } = limiterOf();
    fail(limiter, 30);
    await limiter.close();
    expect(events).toEqual(["Redis is away: each replica counts failed attempts for itself"]);
  });
});

describe("replicas that share a Redis", () => {
  let redis: TestRedis | undefined;
  const connections: RedisConnection[] = [];

  beforeAll(async () => {
    redis = await startTestRedis();
  });
  afterAll(async () => {
    await Promise.all(connections.map((connection) => connection.close()));
    await redis?.stop();
  });

  async function replica(url: string) {
    const connection = openRedis({ url }, { onError: () => {} });
    connections.push(connection);
    await connection.ready(AbortSignal.timeout(10_000));
    return { ...limiterOf({ shared: createRedisAttempts(connection, windowMs) }), connection };
  }

  test("refuse together, though each has seen a part of the failures", async (context) => {
    if (redis === undefined) return context.skip(noRedisServer);
    const [a, b, c] = [await replica(redis.url), await replica(redis.url), await replica(redis.url)];
    fail(a.limiter, 6);
    await a.limiter.close();
    fail(b.limiter, 3);
    await b.limiter.close();
    expect(b.limiter.blockedForMs(source, "k")).toBe(0);
    fail(c.limiter, 1);
    await c.limiter.close();
    const blockedMs = c.limiter.blockedForMs(source, "k");
    expect(blockedMs).toBeGreaterThan(0);
    expect(blockedMs).toBeLessThanOrEqual(windowMs);
    // The others learn of it with their next failure.
    fail(a.limiter, 1);
    await a.limiter.close();
    expect(a.limiter.blockedForMs(source, "k")).toBeGreaterThan(0);
  });

  test("go on for themselves when it is killed, and say so once", async (context) => {
    const doomed = await startTestRedis();
    if (doomed === undefined) return context.skip(noRedisServer);
    const { limiter, events, connection } = await replica(doomed.url);
    fail(limiter, 4);
    await limiter.close();
    await doomed.stop();
    // Until the connection has noticed, commands may go out that nobody answers.
    fail(limiter, 5);
    await limiter.close();
    expect(limiter.blockedForMs(source, "k")).toBe(0);
    fail(limiter, 1);
    await limiter.close();
    expect(limiter.blockedForMs(source, "k")).toBeGreaterThan(0);
    expect(events).toEqual(["Redis is away: each replica counts failed attempts for itself"]);
    await connection.close();
  });

  test("count no failure longer than a minute, even one whose expiry was lost, and name nobody", async (context) => {
    if (redis === undefined) return context.skip(noRedisServer);
    const { connection } = await replica(redis.url);
    const { client } = connection;
    const shared = createRedisAttempts(connection, windowMs);
    expect(await shared.count("192.0.2.99 k")).toEqual({ failures: 1, remainingMs: windowMs });
    const keys = await client.keys("*");
    for (const key of keys) await client.persist(key);
    expect(await shared.count("192.0.2.99 k")).toEqual({ failures: 2, remainingMs: windowMs });
    for (const key of keys) expect(await client.pttl(key)).toBeLessThanOrEqual(windowMs);
    expect(keys.join()).not.toContain("192.0.2");
  });
});
