import { type Kysely, sql } from "kysely";

/** Deleted accounts: their rows stay, so that ids are never used again. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table accounts
    add column state text not null default 'active' check (state in ('active', 'deleted'))`.execute(db);
}
