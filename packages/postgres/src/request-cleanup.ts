import { setTimeout as delay } from "node:timers/promises";
import type { Kysely } from "kysely";
import { deleteRequestsBefore } from "./idempotency.ts";
import type { SharedTables } from "./shared-tables.ts";

/** How long a request id is remembered: what the proto files promise. */
const rememberedMs = 24 * 3_600_000;
const intervalMs = 3_600_000;

/** Forgets request ids older than a day, once an hour, until it is stopped. Any number of replicas may. */
export function startRequestCleanup<Schema extends SharedTables>(
  db: Kysely<Schema>,
  onError: (error: unknown) => void,
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const run = async () => {
    while (!signal.aborted) {
      try {
        await deleteRequestsBefore(db, new Date(Date.now() - rememberedMs), { signal });
      } catch (error) {
        if (!signal.aborted) onError(error);
      }
      // Not unref'd: stop() ends the wait.
      await delay(intervalMs, undefined, { signal }).catch(() => {});
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
