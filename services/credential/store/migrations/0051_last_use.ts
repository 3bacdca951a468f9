import { type Kysely, sql } from "kysely";

/** When credentials were last used. Apart from them: a use locks nothing that a revocation waits for. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table credential_uses (
    account_id text collate "C" not null,
    credential_id text collate "C" not null,
    used_at timestamptz not null,
    source_ip text not null,
    user_agent text not null,
    primary key (account_id, credential_id),
    foreign key (account_id, credential_id) references credentials (account_id, id) on delete cascade
  ) with (fillfactor = 70)`.execute(db);
}
