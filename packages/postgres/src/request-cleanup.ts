import type { Kysely } from "kysely";
import { deleteRequestsBefore } from "./idempotency.ts";
import { type Rounds, startRounds } from "./rounds.ts";
import type { SharedTables } from "./shared-tables.ts";

/** How long a request id is remembered: what the proto files promise. */
const rememberedMs = 24 * 3_600_000;
const pauseMs = 3_600_000;

/** Forgets request ids older than a day, once an hour, until it is stopped. Any number of replicas may. */
export function startRequestCleanup<Schema extends SharedTables>(
  db: Kysely<Schema>,
  onError: (error: unknown) => void,
): Rounds {
  const round = async (signal: AbortSignal) => {
    await deleteRequestsBefore(db, new Date(Date.now() - rememberedMs), { signal });
    return false;
  };
  return startRounds(round, { pauseMs, onError });
}
