import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { wireError } from "../testing/fake-services.ts";
import { type ChangeError, type Clock, repeatUnsettled } from "./repeat.ts";

const unavailable = wireError(Code.Unavailable, "DEPENDENCY_UNAVAILABLE", "not now");
const pending = wireError(Code.Unavailable, "ENFORCEMENT_PENDING", "on its way");
const denied = wireError(Code.PermissionDenied, "PERMISSION_DENIED", "no");
const refused = new ConnectError("refused", Code.Unavailable);
refused.cause = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
const broken = new ConnectError("aborted", Code.Aborted);
broken.cause = Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
const timedOut = new ConnectError("the operation timed out", Code.DeadlineExceeded);

/** Runs with attempts that end in these errors, then well; each attempt takes so long, or up to its timeout. */
async function runWith(errors: readonly ConnectError[], timeoutMs = 15_000, attemptMs = 0) {
  let now = 0;
  const timeouts: number[] = [];
  const clock: Clock = {
    now: () => now,
    sleep: async (ms) => {
      now += ms;
    },
    random: () => 0.5,
  };
  const attempt = async (attemptTimeoutMs: number) => {
    timeouts.push(attemptTimeoutMs);
    now += Math.min(attemptMs, attemptTimeoutMs);
    const error = errors[timeouts.length - 1];
    if (error !== undefined) throw error;
    return "made";
  };
  const ended = await repeatUnsettled(attempt, timeoutMs, clock).catch((error: ChangeError) => error);
  return { ended, timeouts, tookMs: now };
}

test("repeats until the outcome is known", async () => {
  const { ended, timeouts } = await runWith([unavailable, pending, timedOut, broken]);
  expect(ended).toBe("made");
  expect(timeouts).toHaveLength(5);
});

test("gives up after five attempts", async () => {
  const { ended, timeouts } = await runWith(Array.from({ length: 9 }, () => unavailable));
  expect(ended).toMatchObject({ fate: "unknown", cause: unavailable });
  expect(timeouts).toHaveLength(5);
});

test("never takes longer than its time, and an attempt that hangs is not the only one", async () => {
  const { ended, timeouts, tookMs } = await runWith(
    [timedOut, timedOut, timedOut, timedOut, timedOut],
    15_000,
    60_000,
  );
  expect(ended).toMatchObject({ fate: "unknown" });
  expect(timeouts.length).toBeGreaterThan(2);
  expect(timeouts[0]).toBe(7_500);
  expect(tookMs).toBeLessThanOrEqual(15_000);
});

test("does not repeat what was answered, or what reached nobody", async () => {
  for (const error of [denied, refused]) {
    const { ended, timeouts } = await runWith([error, error]);
    expect(ended).toMatchObject({ fate: "refused", cause: error });
    expect(timeouts).toHaveLength(1);
  }
});

test("goes on when the service is away after an attempt that may have been made", async () => {
  const { ended, timeouts } = await runWith([broken, refused, refused]);
  expect(ended).toBe("made");
  expect(timeouts).toHaveLength(4);
});

test("what is known to be committed stays so, whatever comes after", async () => {
  const { ended } = await runWith([pending, denied]);
  expect(ended).toMatchObject({ fate: "committed", cause: pending });
  const { ended: later } = await runWith([pending, refused, refused, refused, timedOut]);
  expect(later).toMatchObject({ fate: "committed", cause: pending });
});

test("a refusal after a doubt leaves the doubt", async () => {
  const { ended } = await runWith([timedOut, denied]);
  expect(ended).toMatchObject({ fate: "unknown", cause: denied });
});
