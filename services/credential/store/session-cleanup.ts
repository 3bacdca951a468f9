import { setTimeout as delay } from "node:timers/promises";
import type { Kysely } from "kysely";
import { deleteSessionsEndedBefore } from "./postgres-sessions.ts";
import type { Schema } from "./schema.ts";

/** So long its holder is still told that it has expired, rather than that there is none. */
const keptMs = 24 * 3_600_000;
const intervalMs = 3_600_000;
const batchSize = 500;

/** Deletes sessions a day after their time was over, once an hour, until it is stopped. Any number of replicas may. */
export function startSessionCleanup(
  db: Kysely<Schema>,
  onError: (error: unknown) => void,
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const run = async () => {
    while (!signal.aborted) {
      const date = new Date(Date.now() - keptMs);
      try {
        while ((await deleteSessionsEndedBefore(db, date, batchSize, signal)) === batchSize);
      } catch (error) {
        if (!signal.aborted) onError(error);
      }
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
