import { type Kysely, sql } from "kysely";

/** Accounts that require a second factor of their members. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table accounts add column mfa_required boolean not null default false`.execute(db);
}
