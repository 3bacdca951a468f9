import { createCoherenceTables } from "@portcullis/coherence/postgres";
import { type Kysely, sql } from "kysely";

/**
 * The log of changes, and who remembers what of it. Its positions take the place of the accounts' revisions; a
 * replica of an older release, whose changes would not be in the log, can't change anything without them.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createCoherenceTables(db);
  await sql`drop table account_revisions`.execute(db);
}
