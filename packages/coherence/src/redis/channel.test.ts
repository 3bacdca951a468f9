import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import type { RedisTarget } from "@portcullis/redis";
import { startEmbeddedRedis } from "@portcullis/redis/embedded";
import { noRedisServer, startTestRedis } from "@portcullis/redis/testing";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type Acknowledgement, type Arrival, encodeAcknowledgement, encodePush, scopeOf } from "../index.ts";
import { createRedisChannel, type RedisChannel } from "./index.ts";
import { RedisServers, startCluster, startSentinel } from "./testing/start-servers.ts";

const key = Buffer.alloc(32, 1);
const generation = "g";
const scopes = [scopeOf("thing", "a")];
const following = { generation, position: 0, replica: "r1", incarnation: "i1", key };
const entry = (position: number): Arrival => ({ kind: "entry", generation, entry: { position, scopes } });
const soon = () => AbortSignal.timeout(10_000);

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let raw: Redis;
const opened: RedisChannel[] = [];
let services = 0;

beforeAll(async () => {
  redis = await startTestRedis();
  if (redis !== undefined) raw = new Redis(redis.url);
});

afterEach(async () => {
  for (const channel of opened.splice(0)) await channel.close();
});

afterAll(async () => {
  raw?.disconnect();
  await redis?.stop();
});

const targetOf = (): RedisTarget => ({ url: redis?.url ?? "" });

async function open(service: string, target = targetOf()): Promise<RedisChannel> {
  const channel = createRedisChannel({ target, service, onOutage: () => {} });
  opened.push(channel);
  await channel.ready(soon());
  return channel;
}

/** A replica's ear and a writer, in channels of their own. */
async function pair(target = targetOf()) {
  const service = `service${services++}`;
  const [ear, writer] = [await open(service, target), await open(service, target)];
  const acks: Acknowledgement[] = [];
  writer.channel.onAcknowledgement((ack) => acks.push(ack));
  writer.channel.useKey(generation, key);
  ear.receiver.follow(following);
  drain(ear);
  const push = (position: number) =>
    writer.channel.push({ generation, position, scopes, writer: writer.channel.writer }, key);
  return { service, ear, writer, acks, push };
}

function drain({ receiver }: RedisChannel): Arrival[] {
  const taken: Arrival[] = [];
  for (let next = receiver.take(); next !== undefined; next = receiver.take()) taken.push(next);
  return taken;
}

const positions = (acks: readonly Acknowledgement[]) => acks.map(({ position }) => position);

/** Pushes until it is acknowledged, as a writer does: the first ones may come before the replica follows. */
async function pushed(push: (position: number) => void, position: number, acks: readonly Acknowledgement[]) {
  await vi.waitFor(
    () => {
      push(position);
      expect(positions(acks)).toContain(position);
    },
    { timeout: 10_000, interval: 50 },
  );
}

/** What a program of its own does while nothing here can run. */
function meanwhile(program: string): string {
  const prelude = `const { Redis } = require("ioredis"); const redis = new Redis(${JSON.stringify(redis?.url)});`;
  return execFileSync(process.execPath, ["-e", prelude + program], { encoding: "utf8", timeout: 10_000 });
}

const real = await startTestRedis();
await real?.stop();

describe.skipIf(real === undefined)(`over a real server (${noRedisServer})`, () => {
  test("an entry arrives and is acknowledged to its writer", async () => {
    const { ear, acks, push } = await pair();
    const before = ear.receiver.arrivals();
    await pushed(push, 1, acks);
    expect(acks[0]).toEqual({
      generation,
      position: 1,
      replica: "r1",
      incarnation: "i1",
      sessionsClosed: 0,
    });
    expect(ear.receiver.arrivals()).not.toBe(before);
    expect(drain(ear).at(-1)).toEqual(entry(1));
  });

  test("is acknowledged while the serving thread is busy, which has it before its next answer", async () => {
    const { service, ear, acks, push } = await pair();
    await pushed(push, 1, acks);
    drain(ear);
    const before = ear.receiver.arrivals();
    const text = encodePush({ generation, position: 2, scopes, writer: "w" }, key);
    const prefix = `{portcullis:coherence:${service}}`;
    const ack = meanwhile(`
        const listener = redis.duplicate();
        listener.on("message", (_, text) => { console.log(text); process.exit(); });
        listener.subscribe(${JSON.stringify(`${prefix}:acks:w`)}).then(() =>
          redis.publish(${JSON.stringify(`${prefix}:pushes`)}, ${JSON.stringify(text)}));`);
    expect(ack.trim()).toBe(encodeAcknowledgement({ ...following, position: 2, sessionsClosed: 0 }, key));
    // In the same turn, so no event has brought it.
    expect(ear.receiver.arrivals()).not.toBe(before);
    expect(drain(ear)).toEqual([entry(2)]);
  });

  test("while held nothing is acknowledged but by the replica, with the sessions that it closed", async () => {
    const { ear, acks, push } = await pair();
    await pushed(push, 1, acks);
    ear.receiver.hold(true);
    push(2);
    push(3);
    await vi.waitFor(() => expect(drain(ear)).toContainEqual(entry(3)));
    push(3);
    ear.receiver.acknowledge(2, new Map([[2, 5]]));
    await vi.waitFor(() => expect(positions(acks)).toContain(2));
    expect(acks.find(({ position }) => position === 2)).toMatchObject({ sessionsClosed: 5 });
    expect(positions(acks)).not.toContain(3);
    ear.receiver.hold(false);
    push(3);
    await vi.waitFor(() => expect(positions(acks)).toContain(3));
  });

  test("what does not follow is a gap, and not acknowledged", async () => {
    const { ear, acks, push } = await pair();
    await pushed(push, 1, acks);
    drain(ear);
    push(3);
    await vi.waitFor(() => expect(drain(ear)).toEqual([{ kind: "gap" }]));
    push(2);
    await vi.waitFor(() => expect(positions(acks)).toContain(2));
    expect(positions(acks)).not.toContain(3);
    ear.receiver.follow({ ...following, position: 3 });
    await vi.waitFor(() => expect(positions(acks)).toContain(3));
  });

  test("forged, garbled and foreign pushes and acknowledgements are nothing; replayed ones no news", async () => {
    const { service, ear, writer, acks, push } = await pair();
    await pushed(push, 1, acks);
    drain(ear);
    acks.length = 0;
    const prefix = `{portcullis:coherence:${service}}`;
    const forged = Buffer.alloc(32, 2);
    const mailbox = `${prefix}:acks:${writer.channel.writer}`;
    const genuine = encodePush({ generation, position: 1, scopes, writer: "w" }, key);
    const acknowledged = encodeAcknowledgement({ ...following, position: 9, sessionsClosed: 0 }, forged);
    const texts = ["", "x", "a.b", `${genuine} `, genuine.replace('"g",1', '"g",2'), acknowledged];
    texts.push(encodePush({ generation, position: 2, scopes, writer: "w" }, forged));
    for (const text of [...texts, genuine]) {
      await raw.publish(`${prefix}:pushes`, text);
      await raw.publish(mailbox, text);
    }
    push(2);
    await vi.waitFor(() => expect(positions(acks)).toContain(2));
    expect(Math.max(...positions(acks))).toBe(2);
    expect(drain(ear)).toEqual([entry(2)]);
  });

  test("a broken connection is a gap; what was pushed meanwhile is found and acknowledged", async () => {
    const { ear, acks, push } = await pair();
    await pushed(push, 1, acks);
    drain(ear);
    await raw.call("CLIENT", "KILL", "TYPE", "pubsub");
    push(2);
    const arrived: Arrival[] = [];
    await vi.waitFor(() => {
      arrived.push(...drain(ear));
      expect(arrived).toEqual(expect.arrayContaining([entry(2), { kind: "gap" }]));
    });
    push(2);
    await vi.waitFor(() => expect(positions(acks)).toContain(2));
  });

  test("a thread that crashed is a gap and is replaced; nothing that it has delivered is lost", async () => {
    const threads: Worker[] = [];
    const onWorker = (thread: Worker) => threads.push(thread);
    process.on("worker", onWorker);
    const { ear, acks, push } = await pair();
    process.off("worker", onWorker);
    await pushed(push, 1, acks);
    drain(ear);
    push(2);
    await vi.waitFor(() => expect(positions(acks)).toContain(2));
    const [thread] = threads;
    if (thread === undefined) throw new Error("there was no thread");
    const exited = once(thread, "exit");
    await thread.terminate();
    await exited;
    expect(drain(ear)).toEqual([entry(2), { kind: "gap" }]);
    ear.receiver.follow({ ...following, position: 2 });
    await ear.ready(soon());
    await pushed(push, 3, acks);
    expect(drain(ear)).toContainEqual(entry(3));
  });

  test("an outage is told once, and its end; the thread outlives it", async () => {
    const threads: Worker[] = [];
    const onWorker = (thread: Worker) => threads.push(thread);
    const dir = await mkdtemp(join(tmpdir(), "portcullis-channel-"));
    let server = await startEmbeddedRedis({ dir });
    const told: unknown[] = [];
    process.on("worker", onWorker);
    const channel = createRedisChannel({
      target: { url: server.url },
      service: "outage",
      onOutage: (error) => told.push(error),
      onRecovery: () => told.push("recovery"),
    });
    opened.push(channel);
    await channel.ready(soon());
    const { port, password } = new URL(server.url);
    await server.stop();
    await vi.waitFor(() => expect(told.length).toBeGreaterThan(0), { timeout: 5_000 });
    server = await startEmbeddedRedis({ dir, port: Number(port), password });
    try {
      await vi.waitFor(() => expect(told).toEqual([expect.any(Error), "recovery"]), { timeout: 10_000 });
      expect(threads).toHaveLength(1);
      expect(threads[0]?.threadId).toBeGreaterThan(0);
    } finally {
      process.off("worker", onWorker);
      await channel.close();
      await server.stop();
      await rm(dir, { recursive: true, force: true });
    }
  });

  test("from unfollow on nothing is acknowledged", async () => {
    const { ear, acks, push } = await pair();
    await pushed(push, 1, acks);
    ear.receiver.unfollow();
    drain(ear);
    push(2);
    const other = createRedisChannel({
      target: targetOf(),
      service: `service${services - 1}`,
      onOutage: () => {},
    });
    opened.push(other);
    await other.ready(soon());
    other.receiver.follow({ ...following, replica: "r2", position: 1 });
    await vi.waitFor(() => {
      push(2);
      expect(positions(acks)).toContain(2);
    });
    expect(new Set(acks.filter(({ position }) => position === 2).map(({ replica }) => replica))).toEqual(
      new Set(["r2"]),
    );
  });

  test("Sentinels: goes on with the master that they chose", async () => {
    const servers = new RedisServers();
    try {
      const sentinel = await startSentinel(servers);
      const target = { sentinels: [{ host: "127.0.0.1", port: sentinel }], name: "main" };
      const { ear, acks, push } = await pair(target);
      await pushed(push, 1, acks);
      await servers.kill(0);
      await vi.waitFor(
        () => {
          push(2);
          expect(positions(acks)).toContain(2);
        },
        { timeout: 20_000, interval: 100 },
      );
      expect(drain(ear)).toContainEqual({ kind: "gap" });
    } finally {
      for (const channel of opened.splice(0)) await channel.close();
      await servers.stop();
    }
  });

  test("a cluster: whichever nodes the two are at", async () => {
    const servers = new RedisServers();
    try {
      const ports = await startCluster(servers);
      const target = { clusterNodes: ports.map((port) => `redis://127.0.0.1:${port}`) };
      for (let round = 0; round < 3; round++) {
        const { ear, acks, push } = await pair(target);
        await pushed(push, 1, acks);
        expect(drain(ear)).toContainEqual(entry(1));
      }
    } finally {
      for (const channel of opened.splice(0)) await channel.close();
      await servers.stop();
    }
  });
});
