import { type Kysely, sql } from "kysely";

/** Guesses of second factors, counted over all sources. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table second_factor_guesses (
    user_id text collate "C" primary key,
    count int not null,
    blocked_until timestamptz
  )`.execute(db);
}
