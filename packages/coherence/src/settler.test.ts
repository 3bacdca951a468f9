import { describe, expect, test } from "vitest";
import type { Channel } from "./channel.ts";
import type { Acknowledgement, Push } from "./push.ts";
import { scopeOf } from "./scope.ts";
import { type Settlement, Settler, UnsettledError } from "./settler.ts";
import { ManualClock } from "./testing/manual-clock.ts";
import { MemoryAuthority } from "./testing/memory-authority.ts";
import { defaultTiming, leaseOverAfterMs } from "./timing.ts";

const overMs = leaseOverAfterMs(defaultTiming.leaseMs, defaultTiming);
const scope = scopeOf("thing", "a");
const never = new AbortController().signal;

/** A writer that has known its generation for long. */
async function writer() {
  const clock = new ManualClock();
  const authority = new MemoryAuthority();
  const pushes: Push[] = [];
  let listener: (ack: Acknowledgement) => void = () => {};
  const channel: Channel = {
    push: (push) => void pushes.push(push),
    onAcknowledgement: (told) => {
      listener = told;
    },
    useKey: () => {},
    writer: "w",
  };
  const errors: unknown[] = [];
  const settler = new Settler(
    { authority, channel, clock, onError: (error) => errors.push(error) },
    defaultTiming,
  );
  settler.sawGeneration(authority.generation);
  await clock.pass(overMs);
  const ack = (replica: string, position: number, over: Partial<Acknowledgement> = {}) =>
    listener({
      generation: authority.generation,
      position,
      replica,
      incarnation: "1",
      sessionsClosed: 0,
      ...over,
    });
  /** What has become of a change that is committed now. */
  const change = (signal = never) => {
    const { position } = authority.append(scope);
    const outcome: { settlement?: Settlement; error?: unknown } = {};
    const at = { generation: authority.generation, position };
    settler
      .settle(
        { at, channelKey: authority.channelKey, scopes: [scope], committedMonotonicMs: clock.monotonicMs() },
        signal,
      )
      .then(
        (settlement) => Object.assign(outcome, { settlement }),
        (error: unknown) => Object.assign(outcome, { error }),
      );
    return outcome;
  };
  return { clock, authority, pushes, settler, errors, ack, change };
}

describe("a change", () => {
  test("is settled at once when there is no replica", async () => {
    const { clock, change } = await writer();
    const outcome = change();
    await clock.pass(0);
    expect(outcome.settlement).toMatchObject({ method: "acknowledged", verifiers: [] });
    expect(clock.timers).toBe(0);
  });

  test("is settled when every replica has acknowledged it, with the sessions that they have closed", async () => {
    const { clock, authority, ack, change } = await writer();
    for (const replica of ["a", "b"]) authority.enroll(replica);
    const outcome = change();
    ack("a", 1, { sessionsClosed: 2 });
    await clock.pass(50);
    expect(outcome).toEqual({});
    ack("b", 1, { sessionsClosed: 1 });
    await clock.pass(0);
    expect(outcome.settlement).toMatchObject({ method: "acknowledged", sessionsClosed: 3 });
    expect(clock.timers).toBe(0);
  });

  test.each([
    ["of an earlier position", { position: 0 }],
    ["of another incarnation", { incarnation: "0" }],
    ["of another generation", { generation: "generation-0" }],
  ])("is not settled by an acknowledgement %s, but when all leases are over", async (_, over) => {
    const { clock, authority, ack, change } = await writer();
    authority.enroll("a");
    const outcome = change();
    ack("a", 1, over);
    await clock.pass(overMs - 1);
    expect(outcome).toEqual({});
    await clock.pass(1);
    expect(outcome.settlement).toMatchObject({
      method: "waited",
      verifiers: [{ replica: "a", outcome: "lease_over" }],
    });
    expect(authority.rows.get("a")?.isDead).toBe(true);
  });

  test("is settled by what a replica has told the authority", async () => {
    const { clock, authority, change } = await writer();
    authority.enroll("a");
    const outcome = change();
    await clock.pass(60);
    authority.enroll("a", { acknowledged: 1 });
    await clock.pass(100);
    expect(outcome.settlement?.method).toBe("acknowledged");
  });

  test("does not wait for a replica that has left", async () => {
    const { clock, authority, change } = await writer();
    authority.enroll("a");
    const outcome = change();
    await clock.pass(60);
    authority.rows.clear();
    await clock.pass(100);
    expect(outcome.settlement?.method).toBe("acknowledged");
  });

  test("waits for a replica that has started anew, for those that follow it may not have", async () => {
    const { clock, authority, ack, change } = await writer();
    authority.enroll("a");
    const outcome = change();
    await clock.pass(60);
    authority.enroll("a", { incarnation: "2" });
    await clock.pass(300);
    expect(outcome).toEqual({});
    ack("a", 1, { incarnation: "2" });
    await clock.pass(0);
    expect(outcome.settlement?.method).toBe("acknowledged");
  });

  test("does not bury a replica that has started anew meanwhile, nor one that told the authority", async () => {
    const { clock, authority, change } = await writer();
    authority.enroll("a");
    authority.enroll("b");
    const outcome = change();
    await clock.pass(overMs - 20);
    authority.enroll("a", { incarnation: "2" });
    authority.enroll("b", { acknowledged: 1 });
    await clock.pass(20);
    expect(outcome.settlement).toBeDefined();
    expect([...authority.rows.values()].filter(({ isDead }) => isDead)).toEqual([]);
  });

  test("waits for a dead replica for as long as it may have a lease, then nobody does", async () => {
    const { clock, authority, change } = await writer();
    authority.enroll("a");
    change();
    await clock.pass(overMs);
    expect(authority.rows.get("a")?.isDead).toBe(true);
    const second = change();
    await clock.pass(overMs - 1);
    expect(second).toEqual({});
    await clock.pass(1);
    expect(second.settlement?.method).toBe("waited");
    expect(authority.rows.size).toBe(0);
    await clock.pass(10_000);
    expect(clock.timers).toBe(0);
  });

  test("skips a replica that has been dead for long although it could not be removed, and removes it later", async () => {
    const { clock, authority, errors, change } = await writer();
    authority.enroll("a", { isDead: true });
    change();
    await clock.pass(0);
    authority.isAway = true;
    await clock.pass(overMs);
    authority.isAway = false;
    expect(errors).not.toEqual([]);
    expect(authority.rows.size).toBe(1);
    const outcome = change();
    await clock.pass(0);
    expect(outcome.settlement?.method).toBe("acknowledged");
    expect(authority.rows.size).toBe(0);
  });

  test("is pushed again for who did not hear", async () => {
    const { clock, authority, pushes, ack, change } = await writer();
    authority.enroll("a");
    change();
    await clock.pass(250);
    expect(pushes).toHaveLength(3);
    ack("a", 1);
    await clock.pass(1_000);
    expect(pushes).toHaveLength(3);
  });

  test("waits no longer than the leases for a registry that does not answer again", async () => {
    const { clock, authority, change } = await writer();
    authority.enroll("a");
    const outcome = change();
    await clock.pass(10);
    authority.beforeRegistrations = () => new Promise(() => {});
    await clock.pass(overMs - 10);
    expect(outcome.settlement?.method).toBe("waited");
    await clock.pass(5_000);
    expect(clock.timers).toBe(0);
  });

  test("hears acknowledgements while it waits for the registry once more", async () => {
    const { clock, authority, ack, change } = await writer();
    authority.enroll("a");
    const outcome = change();
    await clock.pass(10);
    authority.beforeRegistrations = () => new Promise(() => {});
    await clock.pass(150);
    ack("a", 1);
    await clock.pass(0);
    expect(outcome.settlement?.method).toBe("acknowledged");
  });

  test("has no receipt when the registry can't be read", async () => {
    const { clock, authority, change } = await writer();
    authority.isAway = true;
    const outcome = change();
    await clock.pass(overMs + 100);
    expect(outcome.error).toBeInstanceOf(UnsettledError);
    expect(clock.timers).toBe(0);
  });

  test("ends with its signal", async () => {
    const { clock, authority, change } = await writer();
    authority.enroll("a");
    const controller = new AbortController();
    const outcome = change(controller.signal);
    await clock.pass(10);
    controller.abort(new Error("enough"));
    await clock.pass(0);
    expect(outcome.error).toEqual(new Error("enough"));
    expect(clock.timers).toBe(0);
  });

  test("of a new generation waits for the leases of the one before, whoever has acknowledged", async () => {
    const { clock, authority, change } = await writer();
    authority.generation = "generation-2";
    const outcome = change();
    await clock.pass(overMs - 1);
    expect(outcome).toEqual({});
    await clock.pass(1);
    expect(outcome.settlement?.method).toBe("waited");
  });

  test("of a log that was replaced has no receipt", async () => {
    const { clock, authority, settler, change } = await writer();
    authority.enroll("a");
    const outcome = change();
    await clock.pass(10);
    settler.sawGeneration("generation-2");
    await clock.pass(0);
    expect(outcome.error).toBeInstanceOf(UnsettledError);
    const late = change();
    await clock.pass(0);
    expect(late.error).toBeInstanceOf(UnsettledError);
  });
});
