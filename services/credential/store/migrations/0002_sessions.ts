import { type Kysely, sql } from "kysely";

/** Sessions: credentials of another kind, with facts of their own beside. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table credentials drop constraint credentials_kind_check`.execute(db);
  await sql`alter table credentials add constraint credentials_kind_check
    check (kind in ('authtoken', 'api_key', 'ssh_key', 'session'))`.execute(db);
  await sql`create table sessions (
    account_id text collate "C" not null,
    credential_id text collate "C" not null,
    group_id text collate "C" not null,
    user_id text collate "C" not null,
    secrets_version bigint not null,
    idle_ms bigint not null,
    last_used_at timestamptz not null,
    user_agent text not null,
    source_ip text not null,
    primary key (account_id, credential_id),
    foreign key (account_id, credential_id) references credentials (account_id, id) on delete cascade
  )`.execute(db);
  // The two questions that no account is named in.
  await sql`create index sessions_group on sessions (group_id)`.execute(db);
  await sql`create index sessions_user on sessions (user_id)`.execute(db);
  // What the cleanup looks for.
  await sql`create index credentials_ended_sessions on credentials (expires_at) where kind = 'session'`.execute(
    db,
  );
}
