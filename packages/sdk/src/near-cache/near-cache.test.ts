import { create } from "@bufbuild/protobuf";
import type { Clock } from "@portcullis/coherence";
import {
  CacheAdviceSchema,
  type WatchRevocationsRequest,
  WatchRevocationsResponseSchema,
} from "@portcullis/contracts/portcullis/common/v1/watch_pb.ts";
import { expect, test } from "vitest";
import type { WatchListener } from "./log-follower.ts";
import { NearCache } from "./near-cache.ts";

const alice = "principal:acct_1/svc_alice";
const bob = "principal:acct_1/svc_bob";

test("nothing is remembered or answered before the first lease", () => {
  const { cache, fill, streams } = start();
  fill("k", { at: 5 });
  expect(cache.get("k", "")).toBeUndefined();
  streams[0]?.reset(3);
  fill("k", { at: 5 });
  expect(cache.get("k", "")).toBeUndefined();
  streams[0]?.lease(1_000);
  expect(cache.get("k", "")).toBe("k");
});

test("an entry is applied before it is confirmed", () => {
  const { cache, fill, streams } = following();
  fill("k", { at: 5, scopes: [alice] });
  let atConfirmation: unknown = "not confirmed";
  streams[0]?.onSent((request) => {
    if (request.message.case === "applied") atConfirmation = cache.get("k", "");
  });
  streams[0]?.entry(6, [alice]);
  expect(atConfirmation).toBeUndefined();
  expect(streams[0]?.confirmed()).toEqual([6n]);
});

test("an entry about somebody else leaves what is remembered, and one about everything nothing", () => {
  const { cache, fill, streams } = following();
  fill("a", { at: 5, scopes: [alice] });
  fill("b", { at: 5, scopes: [bob] });
  streams[0]?.entry(6, [bob]);
  expect([cache.get("a", ""), cache.get("b", "")]).toEqual(["a", undefined]);
  streams[0]?.entry(7, ["*"]);
  expect(cache.get("a", "")).toBeUndefined();
});

test("an entry of a kind that this release does not know is about everything", () => {
  const { cache, fill, streams } = following();
  fill("a", { at: 5, scopes: [alice] });
  streams[0]?.entry(6, ["planet:mars"]);
  expect(cache.get("a", "")).toBeUndefined();
});

test("an answer that was on its way when the change happened is not remembered", () => {
  const { cache, fill, streams } = following();
  streams[0]?.entry(6, [alice]);
  expect(fill("k", { at: 5, scopes: [alice] })).toBe(false);
  expect(cache.get("k", "")).toBeUndefined();
  expect(fill("k", { at: 6, scopes: [alice] })).toBe(true);
  expect(cache.get("k", "")).toBe("k");
});

test("an answer of before the reset, or of another generation, is not remembered", () => {
  const { fill, streams } = following();
  streams[0]?.reset(10, "second");
  streams[0]?.lease(1_000);
  expect(fill("k", { at: 9, generation: "second" })).toBe(false);
  expect(fill("k", { at: 10, generation: "first" })).toBe(false);
  expect(fill("k", { at: 10, generation: "second" })).toBe(true);
});

test("a reset forgets everything, ends the lease of before, and asks for another", () => {
  const { cache, fill, streams } = following();
  fill("k", { at: 5 });
  streams[0]?.reset(5);
  expect(cache.get("k", "")).toBeUndefined();
  fill("k", { at: 5 });
  expect(cache.get("k", "")).toBeUndefined();
  streams[0]?.lease(1_000);
  expect(cache.get("k", "")).toBe("k");
});

test("a lease counts from when it was asked for", () => {
  const { cache, fill, streams, clock } = start();
  streams[0]?.reset(3);
  clock.pass(700);
  streams[0]?.lease(1_000);
  fill("k", { at: 5 });
  clock.passWithoutTimers(299);
  expect(cache.get("k", "")).toBe("k");
  clock.passWithoutTimers(1);
  expect(cache.get("k", "")).toBeUndefined();
});

test("a lease that comes when its time is over gives nothing", () => {
  const { cache, fill, streams, clock } = start();
  streams[0]?.reset(3);
  clock.pass(1_000);
  streams[0]?.lease(1_000);
  fill("k", { at: 5 });
  expect(cache.get("k", "")).toBeUndefined();
});

test("it asks for the next lease when a third of the time is over", () => {
  const { streams, clock } = following(900);
  expect(streams[0]?.renewals()).toBe(1);
  clock.pass(299);
  expect(streams[0]?.renewals()).toBe(1);
  clock.pass(1);
  expect(streams[0]?.renewals()).toBe(2);
});

test("a lease that is not to be had now is asked for again, and the one there is holds meanwhile", () => {
  const { cache, fill, streams, clock } = following(900);
  fill("k", { at: 5 });
  clock.pass(300);
  streams[0]?.lease(0);
  expect(cache.get("k", "")).toBe("k");
  clock.pass(200);
  expect(streams[0]?.renewals()).toBe(3);
  clock.passWithoutTimers(400);
  expect(cache.get("k", "")).toBeUndefined();
});

test.each([
  ["forward", 5_000],
  ["back", -5_000],
])("a wall clock that jumps %s ends the lease", (_, jumpMs) => {
  const { cache, fill, clock } = following();
  fill("k", { at: 5 });
  clock.jumpWall(jumpMs);
  expect(cache.get("k", "")).toBeUndefined();
});

test("a machine that slept does not answer from before", () => {
  const { cache, fill, clock } = following();
  fill("k", { at: 5 });
  // The monotonic clock stands still while the machine sleeps.
  clock.jumpWall(60_000);
  expect(cache.get("k", "")).toBeUndefined();
});

test("when the stream breaks the lease is used to its end, and nothing more is remembered", () => {
  const { cache, fill, streams, clock } = following();
  fill("k", { at: 5 });
  streams[0]?.breaks("broken");
  expect(cache.get("k", "")).toBe("k");
  expect(fill("late", { at: 5 })).toBe(false);
  clock.passWithoutTimers(1_000);
  expect(cache.get("k", "")).toBeUndefined();
});

test("what comes in over the next stream is not answered under the lease of the one before", () => {
  const { cache, fill, streams, clock } = following();
  streams[0]?.entry(10, [alice]);
  streams[0]?.breaks("broken");
  clock.pass(100);
  expect(streams).toHaveLength(2);
  // This replica is behind: it has not heard of 10 yet, and would not wait for the lease of the other.
  streams[1]?.reset(8);
  expect(fill("k", { at: 9, scopes: [alice] })).toBe(true);
  expect(cache.get("k", "")).toBeUndefined();
  streams[1]?.entry(10, [alice]);
  streams[1]?.lease(1_000);
  expect(cache.get("k", "")).toBeUndefined();
});

test("a stream of before has no say any more", () => {
  const { cache, fill, streams, clock } = following();
  streams[0]?.breaks("broken");
  clock.pass(100);
  streams[1]?.reset(8);
  streams[1]?.lease(1_000);
  streams[0]?.reset(1);
  streams[0]?.breaks("refused");
  expect(fill("old", { at: 7 })).toBe(false);
  expect(fill("k", { at: 9 })).toBe(true);
  expect(cache.get("k", "")).toBe("k");
});

test("who is refused forgets at once", () => {
  const { cache, fill, streams } = following();
  fill("k", { at: 5 });
  streams[0]?.breaks("refused");
  expect(cache.get("k", "")).toBeUndefined();
});

test("a message that can't be understood ends the use of memory", () => {
  const { cache, fill, streams } = following();
  fill("k", { at: 5 });
  streams[0]?.sayNothingKnown();
  expect(cache.get("k", "")).toBeUndefined();
});

test("a replica that does not answer is left for another one", () => {
  const { streams, clock } = start();
  clock.pass(3_000);
  expect(streams[0]?.isCancelled()).toBe(true);
  clock.pass(100);
  expect(streams).toHaveLength(2);
});

test("pauses between streams grow, and end with a lease", () => {
  const { streams, clock } = start();
  const pauseMs = () => {
    const count = streams.length;
    streams.at(-1)?.breaks("broken");
    let passed = 0;
    for (; streams.length === count; passed += 5) clock.pass(5);
    return passed;
  };
  const pauses = Array.from({ length: 12 }, pauseMs);
  expect(pauses[0]).toBeLessThanOrEqual(50);
  expect(pauses[11]).toBeGreaterThanOrEqual(2_500);
  streams.at(-1)?.reset(3);
  streams.at(-1)?.lease(1_000);
  expect(pauseMs()).toBeLessThanOrEqual(50);
});

test("an answer is not remembered beyond its own time, counted from the question", () => {
  const { cache, fill, clock } = following();
  fill("k", { at: 5, ttlMs: 300, sentMsAgo: 100 });
  clock.pass(199);
  expect(cache.get("k", "")).toBe("k");
  clock.pass(1);
  expect(cache.get("k", "")).toBeUndefined();
});

test("a credential is not answered for past its expiry", () => {
  const { cache, fill, clock } = following();
  fill("k", { at: 5, expiresInMs: 300 });
  clock.pass(299);
  expect(cache.get("k", "")).toBe("k");
  clock.pass(1);
  expect(cache.get("k", "")).toBeUndefined();
});

test("what depends on the source address is remembered for that address only", () => {
  const { cache, fill } = following();
  fill("k", { at: 5, variant: "10.0.0.1", dependsOnSourceIp: true, value: "from 1" });
  fill("k", { at: 5, variant: "10.0.0.2", dependsOnSourceIp: true, value: "from 2" });
  const answers = ["10.0.0.1", "10.0.0.2", "10.0.0.3", ""].map((ip) => cache.get("k", ip));
  expect(answers).toEqual(["from 1", "from 2", undefined, undefined]);
});

test("memory is bounded in entries and in bytes", () => {
  const few = following(1_000, { entriesMax: 10 });
  for (let index = 0; index < 100; index++) few.fill(`k${index}`, { at: 5 });
  expect(few.cache.stats().entries).toBe(10);
  const small = following(1_000, { bytesMax: 5_000 });
  for (let index = 0; index < 100; index++) small.fill(`k${index}`, { at: 5 });
  expect(small.cache.stats().bytes).toBeLessThanOrEqual(5_000);
  expect(small.cache.stats().entries).toBeGreaterThan(2);
});

test("stats tell hits, misses and the lease", () => {
  const { cache, fill } = following();
  fill("k", { at: 5 });
  cache.get("k", "");
  cache.get("other", "");
  expect(cache.stats()).toMatchObject({
    hits: 1,
    misses: 1,
    entries: 1,
    leaseRemainingMs: 1_000,
    isFollowing: true,
    streams: 1,
  });
});

test("a cache that is closed gives its lease back, once it answers nothing any more", () => {
  const { cache, fill, streams } = following();
  fill("k", { at: 5 });
  let atReturn: unknown = "not returned";
  streams[0]?.onSent((request) => {
    if (request.message.case === "returned") atReturn = cache.get("k", "");
  });
  cache.close();
  expect(atReturn).toBeUndefined();
  expect(streams[0]?.hasEnded()).toBe(true);
});

test("a closed cache answers nothing and opens no streams", () => {
  const { cache, fill, streams, clock } = following();
  fill("k", { at: 5 });
  cache.close();
  expect(cache.get("k", "")).toBeUndefined();
  clock.pass(60_000);
  expect(streams).toHaveLength(1);
});

interface Fill {
  readonly at: number;
  readonly value?: string;
  readonly scopes?: readonly string[];
  readonly generation?: string;
  readonly ttlMs?: number;
  readonly sentMsAgo?: number;
  readonly expiresInMs?: number;
  readonly variant?: string;
  readonly dependsOnSourceIp?: boolean;
}

function start(limits: { entriesMax?: number; bytesMax?: number } = {}) {
  const clock = new ManualClock();
  const streams: ScriptedStream[] = [];
  const cache = new NearCache<string>({
    open(listener) {
      const stream = new ScriptedStream(listener);
      streams.push(stream);
      return stream;
    },
    clock,
    scopeKinds: new Set(["account", "principal", "credential"]),
    limits,
  });
  cache.start();
  const fill = (key: string, how: Fill) =>
    cache.fill(key, how.variant ?? "", {
      value: how.value ?? key,
      advice: create(CacheAdviceSchema, {
        scopes: [...(how.scopes ?? [alice])],
        generation: how.generation ?? "first",
        ttlMs: how.ttlMs ?? 0,
        dependsOnSourceIp: how.dependsOnSourceIp ?? false,
      }),
      evaluatedRevision: how.at,
      sentAtMs: clock.monotonicMs() - (how.sentMsAgo ?? 0),
      expiresAtMs:
        how.expiresInMs === undefined ? Number.POSITIVE_INFINITY : clock.wallMs() + how.expiresInMs,
      bytes: 100,
    });
  return { cache, clock, streams, fill };
}

function following(ttlMs = 1_000, limits: { entriesMax?: number; bytesMax?: number } = {}) {
  const started = start(limits);
  started.streams[0]?.reset(3);
  started.streams[0]?.lease(ttlMs);
  return started;
}

class ScriptedStream {
  readonly #listener: WatchListener;
  readonly #sent: WatchRevocationsRequest[] = [];
  #onSent: (request: WatchRevocationsRequest) => void = () => {};
  #isCancelled = false;
  #hasEnded = false;

  constructor(listener: WatchListener) {
    this.#listener = listener;
  }

  send(request: WatchRevocationsRequest): void {
    this.#sent.push(request);
    this.#onSent(request);
  }

  end(): void {
    this.#hasEnded = true;
  }

  hasEnded(): boolean {
    return this.#hasEnded;
  }

  cancel(): void {
    this.#isCancelled = true;
  }

  onSent(listener: (request: WatchRevocationsRequest) => void): void {
    this.#onSent = listener;
  }

  isCancelled(): boolean {
    return this.#isCancelled;
  }

  renewals(): number {
    return this.#sent.filter(({ message }) => message.case === "renew").length;
  }

  confirmed(): readonly bigint[] {
    return this.#sent.flatMap(({ message }) => (message.case === "applied" ? [message.value.position] : []));
  }

  reset(position: number, generation = "first"): void {
    this.#say({ case: "reset", value: { generation, position: BigInt(position) } });
  }

  entry(position: number, scopes: readonly string[]): void {
    this.#say({ case: "entry", value: { position: BigInt(position), scopes: [...scopes] } });
  }

  /** For the last renewal. */
  lease(ttlMs: number): void {
    const last = this.#sent.findLast(({ message }) => message.case === "renew");
    const nonce = last?.message.case === "renew" ? last.message.value.nonce : 0n;
    this.#say({ case: "lease", value: { nonce, ttlMs } });
  }

  sayNothingKnown(): void {
    this.#listener.onMessage(create(WatchRevocationsResponseSchema));
  }

  breaks(how: "broken" | "refused" | "unsupported"): void {
    this.#listener.onEnd(how);
  }

  #say(
    message:
      | { case: "reset"; value: { generation: string; position: bigint } }
      | { case: "entry"; value: { position: bigint; scopes: string[] } }
      | { case: "lease"; value: { nonce: bigint; ttlMs: number } },
  ): void {
    this.#listener.onMessage(create(WatchRevocationsResponseSchema, { message }));
  }
}

/** Time passes when the test says so. */
class ManualClock implements Clock {
  #monotonicMs = 5_000;
  #wallMs = 1_700_000_000_000;
  #tasks: { readonly atMs: number; readonly task: () => void }[] = [];

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  wallMs(): number {
    return this.#wallMs;
  }

  after(delayMs: number, task: () => void): () => void {
    const entry = { atMs: this.#monotonicMs + delayMs, task };
    this.#tasks.push(entry);
    return () => {
      this.#tasks = this.#tasks.filter((one) => one !== entry);
    };
  }

  pass(ms: number): void {
    const untilMs = this.#monotonicMs + ms;
    for (;;) {
      const next = this.#tasks.toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#tasks = this.#tasks.filter((one) => one !== next);
      this.passWithoutTimers(next.atMs - this.#monotonicMs);
      next.task();
    }
    this.passWithoutTimers(untilMs - this.#monotonicMs);
  }

  /** As for a process whose event loop is busy. */
  passWithoutTimers(ms: number): void {
    this.#monotonicMs += ms;
    this.#wallMs += ms;
  }

  jumpWall(ms: number): void {
    this.#wallMs += ms;
  }
}
