import { setTimeout as delay } from "node:timers/promises";
import type { EnforcementDeps } from "./domain/enforcement.ts";
import type { PendingEnforcement } from "./domain/ports.ts";
import { relayOnce } from "./domain/relay.ts";

const idlePauseMs = 500;
/** A round may take this long before it is given up, so that an enforcer that hangs does not stop the loop. */
const roundTimeoutMs = 10_000;

export interface RelayLoop {
  /** Resolves when the round under way has ended. */
  stop(): Promise<void>;
}

/** Delivers to enforcers what they owe, again and again, until it is stopped. Any number of replicas may. */
export function startRelayLoop(
  deps: EnforcementDeps,
  onFailure: (error: unknown, debt?: PendingEnforcement) => void,
): RelayLoop {
  const stopping = new AbortController();
  const run = async () => {
    while (!stopping.signal.aborted) {
      const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(roundTimeoutMs)]);
      const delivered = await relayOnce(deps, (debt, error) => onFailure(error, debt), signal).catch(
        (error: unknown) => {
          if (!stopping.signal.aborted) onFailure(error);
          return 0;
        },
      );
      if (delivered === 0) await delay(idlePauseMs, undefined, { signal: stopping.signal }).catch(() => {});
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
