import { once } from "node:events";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type EmbeddedRedisOptions, startEmbeddedRedis } from "./embedded/index.ts";
import { openRedis, type RedisConnection } from "./index.ts";
import { noRedisServer, startTestRedis } from "./testing/index.ts";

let dir: string;
const cleanups: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "portcullis-redis-test-"));
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  await rm(dir, { recursive: true, force: true });
});

async function start(options: Partial<EmbeddedRedisOptions> = {}) {
  const redis = await startEmbeddedRedis({ dir, ...options });
  cleanups.push(() => redis.stop());
  return redis;
}

async function open(
  url: string,
  onError: (error: Error) => void = () => {},
  onRecovery = () => {},
): Promise<RedisConnection> {
  const redis = openRedis({ url }, { onError, onRecovery, commandTimeoutMs: 300 });
  cleanups.push(() => redis.close());
  return redis;
}

const soon = () => AbortSignal.timeout(5_000);

test("js-redis-server stands in where there is no other: scripts by digest, a password, only this machine", async () => {
  const server = await start({ path: "" });
  expect(server.kind).toBe("js-redis-server");
  expect(server.notes.join()).toContain("development only");
  const redis = await open(server.url);
  await redis.ready(soon());
  const digest = String(await redis.client.script("LOAD", "return redis.call('incrby', KEYS[1], ARGV[1])"));
  expect(await redis.client.evalsha(digest, 1, "n", "5")).toBe(5);
  const stranger = await open(server.url.replace(/:[^:@]+@/, ""));
  await expect(stranger.ready(AbortSignal.timeout(300)).then(() => stranger.client.get("n"))).rejects.toThrow(
    /NOAUTH|Authentication required|timeout/,
  );
});

const real = await startTestRedis();
await real?.stop();

describe.skipIf(real === undefined)(`a real server (${noRedisServer})`, () => {
  test("keeps the password out of the arguments and away from other users", async () => {
    const server = await start();
    expect(["redis-server", "valkey-server"]).toContain(server.kind);
    const password = new URL(server.url).password;
    expect(await readFile(`/proc/${server.pid}/cmdline`, "utf8")).not.toContain(password);
    expect((await stat(join(dir, "redis.conf"))).mode & 0o777).toBe(0o600);
  });

  test("starts beside a server that was left on the folder", async () => {
    const [first, second] = [await start(), await start()];
    const redis = await open(second.url);
    await redis.ready(soon());
    expect(await redis.client.ping()).toBe("PONG");
    expect(first.url).not.toBe(second.url);
  });

  test("says so when the port it was asked for is taken", async () => {
    const { url } = await start();
    const port = Number(new URL(url).port);
    await expect(start({ port })).rejects.toMatchObject({
      code: "start_failed",
      message: expect.stringContaining(String(port)),
    });
  });

  test("commands fail at once while Redis is away, one error an outage, and work when it is back", async () => {
    const first = await start();
    const port = Number(new URL(first.url).port);
    const onError = vi.fn<(error: Error) => void>();
    const onRecovery = vi.fn<() => void>();
    const redis = await open(first.url, onError, onRecovery);
    await redis.ready(soon());
    let attempts = 0;
    redis.client.on("reconnecting", () => attempts++);
    const onClose = once(redis.client, "close");
    await first.stop();
    await onClose;
    await expect(redis.client.get("a")).rejects.toThrow("isn't writeable");
    await vi.waitFor(() => expect(attempts).toBeGreaterThan(3), { timeout: 5_000 });
    expect(onError).toHaveBeenCalledTimes(1);
    expect(onRecovery).not.toHaveBeenCalled();
    await start({ port, password: new URL(first.url).password });
    await redis.ready(soon());
    expect(await redis.client.set("a", "1")).toBe("OK");
    expect(onRecovery).toHaveBeenCalledTimes(1);
  });

  test("a duplicate receives what is published, and again after its connection broke", async () => {
    const { url } = await start();
    const publisher = await open(url);
    const subscriber = publisher.duplicate();
    cleanups.push(() => subscriber.close());
    await Promise.all([publisher.ready(soon()), subscriber.ready(soon())]);
    const received: string[] = [];
    subscriber.client.on("message", (_, message: string) => received.push(message));
    await subscriber.client.subscribe("news");
    await publisher.client.publish("news", "one");
    await vi.waitFor(() => expect(received).toEqual(["one"]));
    await publisher.client.call("CLIENT", "KILL", "TYPE", "pubsub");
    await vi.waitFor(async () => expect(await publisher.client.publish("news", "two")).toBe(1), {
      timeout: 5_000,
    });
    await vi.waitFor(() => expect(received).toContain("two"));
  });
});

test("a server that doesn't answer costs one command timeout, not a hang", async () => {
  const silent: Server = createServer(() => {}).listen(0, "127.0.0.1");
  await once(silent, "listening");
  cleanups.push(async () => silent.close());
  const address = silent.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const redis = await open(`redis://127.0.0.1:${port}`);
  await expect(redis.ready(AbortSignal.timeout(100))).rejects.toThrow("timeout");
  await expect(redis.client.get("a")).rejects.toThrow("isn't writeable");
});
