import { describe, expect, test } from "vitest";
import { momentOf } from "./clock.ts";
import { Lease } from "./lease.ts";
import { ManualClock } from "./testing/manual-clock.ts";
import { defaultTiming } from "./timing.ts";

function granted() {
  const clock = new ManualClock();
  const lease = new Lease(clock, defaultTiming);
  lease.grant(momentOf(clock));
  return { clock, lease };
}

describe("a lease", () => {
  test("is over when its time has passed since the sync began, not since it ended", async () => {
    const clock = new ManualClock();
    const lease = new Lease(clock, defaultTiming);
    const start = momentOf(clock);
    await clock.pass(600);
    lease.grant(start);
    expect(lease.isLive()).toBe(true);
    await clock.pass(399);
    expect(lease.isLive()).toBe(true);
    await clock.pass(1);
    expect(lease.isLive()).toBe(false);
  });

  test("is none before the first sync", () => {
    expect(new Lease(new ManualClock(), defaultTiming).isLive()).toBe(false);
  });

  test("counts a sleep that only the wall clock has seen", async () => {
    const { clock, lease } = granted();
    await clock.pass(500);
    clock.sleep(90);
    await clock.pass(409);
    expect(lease.isLive()).toBe(true);
    await clock.pass(1);
    expect(lease.isLive()).toBe(false);
  });

  test.each([-10_000, -101, 101, 10_000])("ends for good when a clock jumps by %d ms", (byMs) => {
    const { clock, lease } = granted();
    clock.sleep(byMs);
    expect(lease.isLive()).toBe(false);
    clock.sleep(-byMs);
    expect(lease.isLive()).toBe(false);
  });

  test("is not made longer by a wall clock that is set back a little", async () => {
    const { clock, lease } = granted();
    clock.sleep(-90);
    await clock.pass(999);
    expect(lease.isLive()).toBe(true);
    await clock.pass(1);
    expect(lease.isLive()).toBe(false);
  });

  test("that is suspended tells how old it is, and lives again with the next sync only", async () => {
    const { clock, lease } = granted();
    await clock.pass(10);
    lease.suspend();
    expect(lease.isLive()).toBe(false);
    expect(lease.ageMs()).toBe(10);
    lease.grant(momentOf(clock));
    expect(lease.isLive()).toBe(true);
    lease.drop();
    expect(lease.ageMs()).toBe(Number.POSITIVE_INFINITY);
  });

  test("may be granted for a shorter time", async () => {
    const { clock, lease } = granted();
    lease.grant(momentOf(clock), 300);
    await clock.pass(300);
    expect(lease.isLive()).toBe(false);
  });
});
