import { openDatabase } from "@portcullis/postgres";
import { sql } from "kysely";
import type { Installation } from "./installation.ts";

/**
 * Holds a principal's row in an enforcer's database, so that ApplyPrincipal waits there while everything else,
 * verifications and checks among it, goes on.
 */
export async function holdPrincipal(
  installation: Installation,
  enforcer: "credential" | "authorization",
  principalId: string,
): Promise<{ release(): Promise<void>; releaseAfterEndingWaiters(): Promise<void> }> {
  const { db, close } = openDatabase<unknown>({
    url: installation.postgres.url(enforcer),
    applicationName: "e2e-lock",
    poolSizeMax: 2,
    statementTimeoutMs: 60_000,
    connectTimeoutMs: 5_000,
    onError: () => {},
  });
  const held = Promise.withResolvers<void>();
  const free = Promise.withResolvers<void>();
  const holding = db.transaction().execute(async (trx) => {
    await sql`select 1 from principals where principal_id = ${principalId} for update`.execute(trx);
    held.resolve();
    await free.promise;
  });
  await Promise.race([held.promise, holding]);
  const release = async () => {
    free.resolve();
    await holding;
    await close();
  };
  return {
    release,
    /** What waits for the row does not get it: its sessions end first. */
    async releaseAfterEndingWaiters() {
      await sql`select pg_terminate_backend(pid) from pg_stat_activity
        where cardinality(pg_blocking_pids(pid)) > 0 and datname = current_database()`.execute(db);
      await release();
    },
  };
}
