import { AttemptWindows } from "@portcullis/service";
import type { AttemptLimiter } from "../domain/ports.ts";
import type { OutageLog } from "./outage-log.ts";
import type { SharedAttempts } from "./shared-attempts.ts";

/** So many failures within a window shut it for the rest of the window. */
export const failuresMax = 10;
export const windowMs = 60_000;

export interface AttemptLimiterOptions {
  /** What the replicas count together. A replica learns of it with each failure of its own. */
  readonly shared: SharedAttempts;
  /** Milliseconds of a clock that does not go back. */
  readonly nowMs: () => number;
  /** Told whether the shared count could be had; where not, counts of this replica alone hold. */
  readonly outage: OutageLog;
  /** Keys remembered at most. Default 10,000. */
  readonly entriesMax?: number;
  /** Failures being shared at once at most; more are counted here alone. Default 256. */
  readonly sharingMax?: number;
}

/** Owns what it shares in the background: close it. */
export interface ClosableAttemptLimiter extends AttemptLimiter {
  /** Resolves when nothing is being shared any more. */
  close(): Promise<void>;
}

/**
 * Ten failures in a minute from one source with one key id, and both are refused until the minute is over. Kept
 * in a bounded memory; guessers who push each other out of it are met again by the shared count.
 */
export function createAttemptLimiter(options: AttemptLimiterOptions): ClosableAttemptLimiter {
  const { shared, nowMs, outage, entriesMax = 10_000, sharingMax = 256 } = options;
  const windows = new AttemptWindows(windowMs, entriesMax);
  const sharing = new Set<Promise<void>>();
  const share = async (key: string) => {
    try {
      const { failures, remainingMs } = await shared.count(key);
      windows.learn(key, failures, remainingMs, nowMs());
      outage.worked();
    } catch (error) {
      outage.failed(error);
    }
  };
  return {
    isQuiet: () => windows.isQuiet(nowMs()),
    blockedForMs(source, keyId) {
      const now = nowMs();
      const window = windows.find(keyOf(source, keyId), now);
      return window === undefined || window.failures < failuresMax ? 0 : Math.ceil(window.endsAt - now);
    },
    failed(source, keyId) {
      const key = keyOf(source, keyId);
      windows.count(key, nowMs());
      if (sharing.size >= sharingMax) return;
      const task: Promise<void> = share(key).finally(() => sharing.delete(task));
      sharing.add(task);
    },
    async close() {
      await Promise.all(sharing);
    },
  };
}

/** A key id has no spaces. */
function keyOf(source: string, keyId: string): string {
  return `${keyId} ${source}`;
}
