import { setTimeout as delay } from "node:timers/promises";

/** What goes on beside the calls. */
export interface Rounds {
  /** Resolves when the round under way has ended. */
  stop(): Promise<void>;
}

export interface RoundsOptions {
  /** After a round that left nothing to do, or failed. */
  readonly pauseMs: number;
  readonly onError: (error: unknown) => void;
}

/** Runs `round` again and again, at once where it says that there is more to do, until it is stopped. */
export function startRounds(
  round: (signal: AbortSignal) => Promise<boolean>,
  { pauseMs, onError }: RoundsOptions,
): Rounds {
  const stopping = new AbortController();
  const { signal } = stopping;
  const run = async () => {
    while (!signal.aborted) {
      const hasMore = await round(signal).catch((error: unknown) => {
        if (!signal.aborted) onError(error);
        return false;
      });
      // Not unref'd: stop() ends the wait.
      if (!hasMore) await delay(pauseMs, undefined, { signal }).catch(() => {});
    }
  };
  const finished = run();
  return {
    async stop() {
      stopping.abort();
      await finished;
    },
  };
}
