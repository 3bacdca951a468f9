import { describe, expect, test } from "vitest";
import { CacheFollower } from "./cache-follower.ts";
import type { Arrival, Receiver } from "./channel.ts";
import { CoherentCache } from "./coherent-cache.ts";
import { FollowedLog } from "./followed-log.ts";
import type { LogEntry, LogPosition } from "./log-entry.ts";
import { type Mode, Replica } from "./replica.ts";
import { type Scope, scopeOf } from "./scope.ts";
import { ScopeTable } from "./scope-table.ts";
import { ManualClock, settled } from "./testing/manual-clock.ts";
import { MemoryAuthority } from "./testing/memory-authority.ts";
import { defaultTiming } from "./timing.ts";

const scope = scopeOf("thing", "a");
const kinds = new Set(["thing"]);
const never = new AbortController().signal;

/** A receiver that a test puts arrivals into. */
class HandReceiver implements Receiver {
  readonly queue: Arrival[] = [];
  count = 0;
  isHeld = false;
  isFollowing = false;
  acknowledged = -1;

  bring(arrival: Arrival): void {
    this.queue.push(arrival);
    this.count++;
  }

  arrivals = () => this.count;
  take = () => this.queue.shift();
  onArrival = () => {};
  follow = () => {
    this.isFollowing = true;
  };
  unfollow = () => {
    this.isFollowing = false;
  };
  hold = (isHeld: boolean) => {
    this.isHeld = isHeld;
  };
  acknowledge = (position: number) => {
    this.acknowledged = position;
  };
}

function replicaOf(mode: Mode = { kind: "strict" }) {
  const clock = new ManualClock();
  const authority = new MemoryAuthority();
  const receiver = new HandReceiver();
  const table = new ScopeTable(kinds);
  const cache = new CoherentCache<string, string>({ table, entriesMax: 9, bytesMax: 999, sizeOf: () => 1 });
  let incarnations = 0;
  const replica = new Replica(
    {
      authority,
      receiver,
      table,
      clock,
      newIncarnation: () => `i${++incarnations}`,
      onError: () => {},
    },
    { replica: "r", timing: defaultTiming, mode, syncEntriesMax: 100 },
  );
  const at = (position: number): LogPosition => ({ generation: authority.generation, position });
  const push = (entry: LogEntry) =>
    receiver.bring({ kind: "entry", generation: authority.generation, entry });
  return { clock, authority, receiver, cache, replica, at, push };
}

/** A cache that follows a replica; its connection is this list of messages, which `deliver` hands over. */
function cacheOf(
  { replica, clock }: ReturnType<typeof replicaOf>,
  concerns: (of: Scope) => boolean = () => true,
) {
  const table = new ScopeTable(kinds);
  const log = new FollowedLog(clock, defaultTiming, table);
  const messages: (() => void)[] = [];
  const state = { isEnded: false };
  const follower = new CacheFollower({
    replica,
    clock,
    timing: defaultTiming,
    concerns,
    stream: {
      reset: (to) => messages.push(() => log.onReset(to)),
      entry: (entry) => messages.push(() => log.onEntry(entry)),
      lease: (nonce, ttlMs) => messages.push(() => log.onLease(nonce, ttlMs)),
      end: () => {
        state.isEnded = true;
      },
    },
  });
  log.connected({
    renew: (nonce) => follower.renew(nonce),
    applied: (position, closed) => follower.applied(position, closed),
  });
  follower.open();
  const deliver = () => {
    for (let message = messages.shift(); message !== undefined; message = messages.shift()) message();
  };
  return { log, follower, messages, state, deliver };
}

describe("a replica", () => {
  test("answers from memory under a lease that it keeps up, and not when the authority is away for longer", async () => {
    const { clock, authority, replica } = replicaOf();
    expect(replica.isCurrent()).toBe(false);
    expect(await replica.start()).toBe(true);
    await clock.pass(5_000);
    expect(replica.isCurrent()).toBe(true);
    authority.isAway = true;
    await clock.pass(1_000);
    expect(replica.isCurrent()).toBe(false);
    expect(await replica.confirm(never)).toBe(false);
    authority.isAway = false;
    await clock.pass(100);
    expect(replica.isCurrent()).toBe(true);
    expect(clock.timers).toBe(1);
  });

  test("takes in what was announced before it answers", async () => {
    const { authority, cache, replica, at, push } = replicaOf();
    await replica.start();
    cache.fill("key", "old", [scope], at(0));
    expect(replica.isCurrent()).toBe(true);
    push(authority.append(scope));
    expect(replica.isCurrent()).toBe(true);
    expect(cache.get("key")).toBeUndefined();
    expect(replica.basis()).toEqual({ ...at(1), staleMsMax: 0 });
  });

  test("does not use memory after a gap until it has asked", async () => {
    const { authority, receiver, replica } = replicaOf();
    await replica.start();
    authority.append(scope);
    receiver.bring({ kind: "gap" });
    expect(replica.isCurrent()).toBe(false);
    await settled();
    expect(replica.isCurrent()).toBe(true);
    expect(replica.position).toBe(1);
  });

  test("does not go back when a push overtakes a sync", async () => {
    const { clock, authority, cache, replica, at, push } = replicaOf();
    await replica.start();
    const { promise: late, resolve: answer } = Promise.withResolvers<void>();
    authority.afterSync = () => late;
    await clock.pass(400);
    push(authority.append(scope));
    expect(replica.isCurrent()).toBe(true);
    cache.fill("key", "new", [scope], at(1));
    answer();
    await settled();
    expect(replica.position).toBe(1);
    expect(cache.get("key")).toBe("new");
  });

  test("does not take a gap's sync for answered by one that had begun before", async () => {
    const { clock, authority, receiver, replica } = replicaOf();
    await replica.start();
    const { promise: late, resolve: answer } = Promise.withResolvers<void>();
    authority.afterSync = () => late;
    await clock.pass(400);
    receiver.bring({ kind: "gap" });
    expect(replica.isCurrent()).toBe(false);
    authority.afterSync = () => new Promise(() => {});
    answer();
    await settled();
    expect(replica.isCurrent()).toBe(false);
  });

  test("forgets everything when it is dead, and starts anew", async () => {
    const { clock, authority, cache, replica, at } = replicaOf();
    await replica.start();
    cache.fill("key", "old", [scope], at(0));
    await authority.markDead({ replica: "r", incarnation: "i1" });
    await clock.pass(400);
    expect(cache.get("key")).toBeUndefined();
    expect(replica.isCurrent()).toBe(true);
    expect(authority.rows.get("r")?.incarnation).toBe("i2");
  });

  test("forgets everything when the log is of another generation", async () => {
    const { clock, authority, cache, replica, at } = replicaOf();
    authority.append(scope);
    await replica.start();
    cache.fill("key", "old", [scope], at(1));
    authority.generation = "generation-2";
    authority.log.length = 0;
    await clock.pass(400);
    expect(cache.get("key")).toBeUndefined();
    expect(replica.basis()).toMatchObject({ generation: "generation-2", position: 0 });
  });

  test("tells the authority how far it is, where the channel does not", async () => {
    const { clock, authority, replica } = replicaOf();
    await replica.start();
    authority.append(scope);
    await clock.pass(400);
    expect(authority.rows.get("r")?.acknowledged).toBe(1);
  });

  test("asks each time in the mode linearizable, once for all who wait", async () => {
    const { authority, replica } = replicaOf({ kind: "linearizable" });
    await replica.start();
    expect(replica.isCurrent()).toBe(false);
    expect(replica.leaseForFollowersMs()).toBe(0);
    let syncs = 0;
    authority.afterSync = async () => void syncs++;
    expect(await Promise.all([1, 2, 3].map(() => replica.confirm(never)))).toEqual([true, true, true]);
    expect(syncs).toBe(2);
  });

  test("says how old its answers may be in the mode bounded, and ends there", async () => {
    const { clock, authority, replica } = replicaOf({ kind: "bounded", staleMsMax: 3_000 });
    await replica.start();
    authority.isAway = true;
    await clock.pass(2_000);
    expect(replica.isCurrent()).toBe(true);
    expect(replica.basis().staleMsMax).toBe(2_000);
    await clock.pass(1_000);
    expect(replica.isCurrent()).toBe(false);
  });

  test("leaves when it answers no more, and leaves no timer", async () => {
    const { clock, authority, receiver, replica } = replicaOf();
    await replica.start();
    await replica.stop(never);
    expect([replica.isCurrent(), receiver.isFollowing, authority.rows.size, clock.timers]).toEqual([
      false,
      false,
      0,
      0,
    ]);
    expect(await replica.confirm(never)).toBe(false);
  });
});

describe("a replica that is followed", () => {
  test("acknowledges what its followers have applied", async () => {
    const of = replicaOf();
    const { authority, receiver, replica, push } = of;
    await replica.start();
    const { log, deliver } = cacheOf(of);
    deliver();
    expect(log.isCurrent()).toBe(true);
    push(authority.append(scope));
    replica.isCurrent();
    expect(receiver.isHeld).toBe(true);
    expect(receiver.acknowledged).toBe(0);
    deliver();
    expect(receiver.acknowledged).toBe(1);
  });

  test("acknowledges when the lease of a follower that does not answer is over", async () => {
    const of = replicaOf();
    const { clock, authority, receiver, replica, push } = of;
    await replica.start();
    const { log, deliver, messages } = cacheOf(of);
    deliver();
    push(authority.append(scope));
    replica.isCurrent();
    await clock.pass(999);
    expect(log.isCurrent()).toBe(true);
    expect(receiver.acknowledged).toBe(0);
    await clock.pass(50);
    expect(log.isCurrent()).toBe(false);
    expect(receiver.acknowledged).toBe(1);
    expect(messages).toHaveLength(1);
  });

  test("does not wait for a follower that an entry does not concern", async () => {
    const of = replicaOf();
    const { authority, receiver, replica, push } = of;
    await replica.start();
    const { deliver, messages } = cacheOf(of, () => false);
    deliver();
    push(authority.append(scope));
    replica.isCurrent();
    expect(receiver.acknowledged).toBe(1);
    expect(messages).toEqual([]);
  });

  test("waits for the lease of one whose connection is gone", async () => {
    const of = replicaOf();
    const { clock, authority, receiver, replica, push } = of;
    await replica.start();
    const { log, deliver, follower } = cacheOf(of);
    deliver();
    follower.end();
    push(authority.append(scope));
    replica.isCurrent();
    await clock.pass(900);
    expect(log.isCurrent()).toBe(true);
    expect(receiver.acknowledged).toBe(0);
    await clock.pass(200);
    expect(receiver.acknowledged).toBe(1);
    expect(receiver.isHeld).toBe(false);
  });

  test("that starts anew acknowledges nothing while a follower may remember what came before", async () => {
    const of = replicaOf();
    const { clock, authority, receiver, replica } = of;
    await replica.start();
    const { log, deliver } = cacheOf(of);
    deliver();
    await authority.markDead({ replica: "r", incarnation: "i1" });
    authority.append(scope);
    await clock.pass(400);
    expect(authority.rows.get("r")?.incarnation).toBe("i2");
    expect(log.isCurrent()).toBe(true);
    expect(receiver.acknowledged).toBeLessThan(1);
    deliver();
    expect(receiver.acknowledged).toBe(1);
  });

  test("ends connections when the log is of another generation, and waits for their leases", async () => {
    const of = replicaOf();
    const { clock, authority, receiver, replica } = of;
    authority.append(scope);
    await replica.start();
    const { deliver, state, follower } = cacheOf(of);
    deliver();
    authority.generation = "generation-2";
    await clock.pass(400);
    expect(state.isEnded).toBe(true);
    follower.applied(1, 0);
    expect(receiver.acknowledged).toBeLessThan(1);
    await clock.pass(700);
    expect(receiver.isHeld).toBe(false);
  });

  test("takes no word about another generation", async () => {
    const { authority, receiver, replica, at, push } = replicaOf();
    await replica.start();
    const follower = { deliver: () => Number.POSITIVE_INFINITY, reset: () => undefined };
    replica.addFollower(follower);
    push(authority.append(scope));
    replica.isCurrent();
    replica.followerApplied(follower, { generation: "generation-0", position: 9 }, 0);
    expect(receiver.acknowledged).toBe(0);
    replica.followerApplied(follower, at(1), 0);
    expect(receiver.acknowledged).toBe(1);
  });

  test("stays registered until its followers have forgotten or their leases are over", async () => {
    for (const answers of [true, false]) {
      const of = replicaOf();
      const { clock, authority, replica } = of;
      await replica.start();
      const { log, deliver } = cacheOf(of);
      deliver();
      const stopped = replica.stop(never);
      await clock.pass(400);
      expect(log.isCurrent()).toBe(true);
      expect(authority.rows.size).toBe(1);
      if (answers) deliver();
      else await clock.pass(700);
      await stopped;
      expect(log.isCurrent()).toBe(false);
      expect(authority.rows.size).toBe(0);
      expect(clock.timers).toBe(0);
    }
  });
});
