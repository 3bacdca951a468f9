import { isCommitted, isUnsettled, wasNeverSent } from "./failure.ts";

/** Time and chance. */
export interface Clock {
  /** Milliseconds that only grow. */
  now(): number;
  sleep(ms: number): Promise<void>;
  /** At least 0, below 1. */
  random(): number;
}

/** What is known of a change that did not end well. */
export type Fate =
  /** It was not made. */
  | "refused"
  /** It was made, but is not enforced everywhere yet. */
  | "committed"
  /** It was made or it was not. */
  | "unknown";

/** A change did not end well, repeats included. The cause is the error that tells most. */
export class ChangeError extends Error {
  override readonly name = "ChangeError";
  readonly fate: Fate;

  constructor(fate: Fate, cause: unknown) {
    super(`the change was not confirmed: ${fate}`, { cause });
    this.fate = fate;
  }
}

const attemptsMax = 5;
const firstPauseMs = 200;
const attemptMsMin = 1_000;

/**
 * Makes a change, and repeats it while its outcome is unsettled, with growing pauses, until the time is used
 * up. An attempt takes at most half of the time that is left, so that one that hangs is not the only one.
 * Rejects with ChangeError. The caller promises that a repeat is harmless.
 */
export async function repeatUnsettled<T>(
  attempt: (timeoutMs: number) => Promise<T>,
  timeoutMs: number,
  clock: Clock,
): Promise<T> {
  const endsAt = clock.now() + timeoutMs;
  let fate: Fate = "refused";
  let telling: unknown;
  for (let count = 1; ; count++) {
    const leftMs = Math.max(1, Math.ceil(endsAt - clock.now()));
    const halfMs = Math.max(Math.ceil(leftMs / 2), attemptMsMin);
    try {
      return await attempt(count === attemptsMax ? leftMs : Math.min(leftMs, halfMs));
    } catch (error) {
      const before = fate;
      fate = nextFate(fate, error);
      if (before !== "committed" || isCommitted(error)) telling = error;
      const pauseMs = firstPauseMs * 2 ** (count - 1) * (0.5 + clock.random() / 2);
      // Somebody who never was there will not be in a second; one who was may be coming back.
      const isWorthRepeating = isUnsettled(error) && fate !== "refused";
      const hasTime = endsAt - clock.now() > pauseMs;
      if (!isWorthRepeating || !hasTime || count === attemptsMax) throw new ChangeError(fate, telling);
      await clock.sleep(pauseMs);
    }
  }
}

function nextFate(before: Fate, error: unknown): Fate {
  if (before === "committed" || isCommitted(error)) return "committed";
  if (before === "unknown") return "unknown";
  return isUnsettled(error) && !wasNeverSent(error) ? "unknown" : "refused";
}
