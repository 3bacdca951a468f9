import { AttemptWindows } from "@portcullis/service";
import type { SignInAttempts } from "../domain/people-ports.ts";

const windowMs = 15 * 60_000;
/** Of one source for one subject. */
const failuresMax = 10;
/** Of one source for all subjects together. */
const sourceFailuresMax = 100;

/**
 * Counts failures in the memory of this replica, so with n replicas up to n times as many guesses are let
 * through: bounded, and nothing that a guesser does is written anywhere. By source, so that nobody can lock a
 * person out from elsewhere. An unknown source is one source.
 */
export function createSignInAttempts(nowMs: () => number, entriesMax = 20_000): SignInAttempts {
  const windows = new AttemptWindows(windowMs, entriesMax);
  const sources = new AttemptWindows(windowMs, entriesMax);
  const remaining = (counted: AttemptWindows, key: string, max: number) => {
    const now = nowMs();
    const window = counted.find(key, now);
    return window === undefined || window.failures < max ? 0 : Math.ceil(window.endsAt - now);
  };
  const keyOf = (source: string, subject: string) => JSON.stringify([source, subject]);
  return {
    blockedForMs(source, subject) {
      const bySubject = remaining(windows, keyOf(source, subject), failuresMax);
      return Math.max(bySubject, remaining(sources, source, sourceFailuresMax));
    },
    failed(source, subject) {
      windows.count(keyOf(source, subject), nowMs());
      sources.count(source, nowMs());
    },
  };
}
