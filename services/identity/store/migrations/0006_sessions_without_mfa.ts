import { type Kysely, sql } from "kysely";

/** Sessions that are to end in one account alone. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table pending_session_ends
    add column account_id text collate "C" not null default '',
    add column account_version bigint not null default 0`.execute(db);
  await sql`alter table pending_session_ends drop constraint pending_session_ends_pkey`.execute(db);
  await sql`alter table pending_session_ends add primary key (user_id, account_id)`.execute(db);
  await sql`create index pending_session_ends_account on pending_session_ends (account_id)
    where account_id <> ''`.execute(db);
}
