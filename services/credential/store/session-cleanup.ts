import { type Rounds, startRounds } from "@portcullis/postgres";
import type { Kysely } from "kysely";
import { deleteSessionsEndedBefore } from "./postgres-sessions.ts";
import type { Schema } from "./schema.ts";

/** So long its holder is still told that it has expired, rather than that there is none. */
const keptMs = 24 * 3_600_000;
const pauseMs = 3_600_000;
const batchSize = 500;

/** Deletes sessions a day after their time was over, once an hour, until it is stopped. Any number of replicas may. */
export function startSessionCleanup(db: Kysely<Schema>, onError: (error: unknown) => void): Rounds {
  const round = async (signal: AbortSignal) => {
    const date = new Date(Date.now() - keptMs);
    return (await deleteSessionsEndedBefore(db, date, batchSize, signal)) === batchSize;
  };
  return startRounds(round, { pauseMs, onError });
}
