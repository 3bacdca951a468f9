import { startRequestCleanup } from "@portcullis/postgres";
import type { Kysely } from "kysely";
import { startEmptying } from "./account-emptying.ts";
import type { Schema } from "./schema.ts";
import { startSessionCleanup } from "./session-cleanup.ts";

/** Deletes what is over, now and then, until it is stopped. Any number of replicas may. */
export function startCleanups(db: Kysely<Schema>, onError: (error: unknown) => void) {
  const cleanups = [startRequestCleanup, startSessionCleanup, startEmptying].map((start) =>
    start(db, onError),
  );
  return { stop: async () => void (await Promise.all(cleanups.map((cleanup) => cleanup.stop()))) };
}
