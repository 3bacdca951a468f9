import { setTimeout as delay } from "node:timers/promises";
import { type Kysely, sql } from "kysely";
import type { CoherenceTables } from "./tables.ts";

/** Older entries are asked for by nobody: who is further behind starts anew. */
const keptMs = 3_600_000;
/** Of these none goes, however old. */
const keptEntries = 100_000;
const intervalMs = 600_000;

/**
 * Trims the log every ten minutes, until it is stopped. Any number of replicas may. Registrations stay: a writer
 * that waited for one in vain removes it.
 */
export function startLogCleanup<S extends CoherenceTables>(
  db: Kysely<S>,
  onError: (error: unknown) => void,
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const run = async () => {
    while (!signal.aborted) {
      try {
        await trimLog(db, { signal });
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

interface TrimOptions {
  readonly keptMs?: number;
  readonly keptEntries?: number;
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
}

/** Deletes in batches, each its own transaction; tells how many. */
export async function trimLog<S extends CoherenceTables>(
  db: Kysely<S>,
  options: TrimOptions = {},
): Promise<number> {
  const { batchSize = 1_000, signal } = options;
  for (let total = 0; ; ) {
    signal?.throwIfAborted();
    const { numAffectedRows } = await sql`
      delete from coherence_log where position in (
        select position from coherence_log
        where committed_at < clock_timestamp() - ${options.keptMs ?? keptMs} * interval '1 millisecond'
          and position <= (select position from coherence_head) - ${options.keptEntries ?? keptEntries}::bigint
        order by position limit ${batchSize} for update skip locked
      )`.execute(db);
    total += Number(numAffectedRows ?? 0n);
    if ((numAffectedRows ?? 0n) < batchSize) return total;
  }
}
