import type { Kysely } from "kysely";

/** When each member last signed in; unknown of the time before. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("memberships").addColumn("last_sign_in_at", "timestamptz").execute();
}
