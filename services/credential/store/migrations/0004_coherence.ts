import { createCoherenceTables } from "@portcullis/coherence/postgres";
import type { Kysely } from "kysely";

/** The log of changes, and who remembers what of it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createCoherenceTables(db);
}
