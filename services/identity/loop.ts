import { setTimeout as delay } from "node:timers/promises";

const idlePauseMs = 500;
/** A round may take this long before it is given up, so that a peer that hangs does not stop the loop. */
const roundTimeoutMs = 10_000;

export interface Loop {
  /** Resolves when the round under way has ended. */
  stop(): Promise<void>;
}

/** Runs rounds, at once after one that had something to do, until it is stopped. Any number of replicas may. */
export function startLoop(
  round: (signal: AbortSignal) => Promise<number>,
  onFailure: (error: unknown) => void,
): Loop {
  const stopping = new AbortController();
  const run = async () => {
    while (!stopping.signal.aborted) {
      const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(roundTimeoutMs)]);
      const done = await round(signal).catch((error: unknown) => {
        if (!stopping.signal.aborted) onFailure(error);
        return 0;
      });
      if (done === 0) await delay(idlePauseMs, undefined, { signal: stopping.signal }).catch(() => {});
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
