import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRedis, type RedisConnection } from "@portcullis/redis";
import { startEmbeddedRedis } from "@portcullis/redis/embedded";
import { noRedisServer, startTestRedis } from "@portcullis/redis/testing";
import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { AtOnce } from "./at-once.ts";
import { createRateLimiter } from "./rate-limiter.ts";
import { createRedisWindows } from "./redis-window.ts";
import { SlidingWindows } from "./sliding-window.ts";

const windowMs = 1_000;

test("no more than the limit pass in a window, and those of the one before weigh as much as is left of them", () => {
  const windows = new SlidingWindows(windowMs);
  const passed = (nowMs: number, tries: number) =>
    Array.from({ length: tries }, () => windows.admit("a", 10, nowMs)).filter(({ admitted }) => admitted)
      .length;
  expect(passed(10_000, 20)).toBe(10);
  expect(passed(10_999, 5)).toBe(0);
  expect(passed(11_500, 20)).toBe(5);
  expect(windows.admit("b", 10, 11_500)).toEqual({ admitted: true });
  expect(passed(13_000, 20)).toBe(10);
});

test("after the time that a refusal names there is room for one, and a moment before there is none", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(400), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 12 }),
      (pauses, max) => {
        const windows = new SlidingWindows(windowMs);
        let nowMs = 50_000;
        for (const pause of pauses) {
          nowMs += pause;
          const admission = windows.admit("a", max, nowMs);
          if (admission.admitted) continue;
          expect(admission.retryAfterMs).toBeLessThanOrEqual(2 * windowMs);
          if (admission.retryAfterMs > 2) {
            expect(windows.admit("a", max, nowMs + admission.retryAfterMs - 2).admitted).toBe(false);
          }
          nowMs += admission.retryAfterMs;
          expect(windows.admit("a", max, nowMs).admitted).toBe(true);
        }
      },
    ),
  );
});

test("as many keys are remembered as is said", () => {
  const windows = new SlidingWindows(windowMs, 3);
  for (let key = 0; key < 10; key++) windows.admit(String(key), 1, 0);
  expect(windows.size).toBe(3);
});

test("so many at once, by key, and again when one has ended", () => {
  const atOnce = new AtOnce(2);
  expect([atOnce.enter("a"), atOnce.enter("a"), atOnce.enter("a"), atOnce.enter("b")]).toEqual([
    true,
    true,
    false,
    true,
  ]);
  atOnce.leave("a");
  expect(atOnce.enter("a")).toBe(true);
});

const outage = { failed: () => {}, worked: () => {} };

test("with Redis away each replica limits alone, and says so", async () => {
  const told: unknown[] = [];
  const away = new Error("away");
  const limiter = createRateLimiter({
    shared: { admit: () => Promise.reject(away) },
    windowMs,
    nowMs: () => 5_000,
    outage: { ...outage, failed: (error) => void told.push(error) },
  });
  const admissions = [await limiter.admit("a", 1), await limiter.admit("a", 1)];
  expect(admissions.map(({ admitted }) => admitted)).toEqual([true, false]);
  expect(told).toEqual([away, away]);
});

test("who was refused is refused from memory until the time that was told", async () => {
  let nowMs = 0;
  let asked = 0;
  const limiter = createRateLimiter({
    shared: { admit: async () => ({ admitted: ++asked !== 1, retryAfterMs: 100 }) },
    windowMs,
    nowMs: () => nowMs,
    outage,
  });
  expect(await limiter.admit("a", 1)).toEqual({ admitted: false, retryAfterMs: 100 });
  nowMs = 40;
  expect(limiter.refused("a")).toEqual({ admitted: false, retryAfterMs: 60 });
  expect(await limiter.admit("a", 1)).toEqual({ admitted: false, retryAfterMs: 60 });
  expect(asked).toBe(1);
  nowMs = 100;
  expect((await limiter.admit("a", 1)).admitted).toBe(true);
});

const real = await startTestRedis();
const folder = await mkdtemp(join(tmpdir(), "portcullis-limits-"));
const standIn = await startEmbeddedRedis({ dir: folder, path: "" });
const connections: RedisConnection[] = [];
afterAll(async () => {
  await Promise.all(connections.map((connection) => connection.close()));
  await Promise.all([real?.stop(), standIn.stop()]);
  await rm(folder, { recursive: true, force: true });
});

describe.each([
  ["a real Redis", real?.url],
  ["the stand-in of development", standIn.url],
])("with %s", (_, url) => {
  test.skipIf(url === undefined)(`two replicas count together (${noRedisServer})`, async () => {
    const replicas = [0, 1].map(() => {
      const connection = openRedis({ url: url ?? "" }, { onError: () => {} });
      connections.push(connection);
      return { connection, windows: createRedisWindows(connection, 3_600_000) };
    });
    await Promise.all(replicas.map(({ connection }) => connection.ready(AbortSignal.timeout(5_000))));
    const admissions = [];
    for (let request = 0; request < 8; request++) {
      admissions.push(await replicas[request % 2]?.windows.admit("somebody", 5));
    }
    expect(admissions.map((admission) => admission?.admitted)).toEqual([
      ...Array.from({ length: 5 }, () => true),
      ...Array.from({ length: 3 }, () => false),
    ]);
    const [refusal] = admissions.slice(5);
    expect(refusal).toMatchObject({ retryAfterMs: expect.any(Number) });
    expect(await replicas[0]?.windows.admit("somebody else", 5)).toEqual({ admitted: true });
  });
});
