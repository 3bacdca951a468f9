import { createAuditTable, createIdempotencyTable } from "@portcullis/postgres";
import { type Kysely, sql } from "kysely";

/** Accounts, service users, the first person, and what enforcers owe. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createIdempotencyTable(db);
  await createAuditTable(db);
  await sql`create table accounts (
    id text collate "C" primary key,
    display_name text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    version bigint not null
  )`.execute(db);
  await sql`create table service_users (
    account_id text collate "C" not null references accounts (id),
    id text collate "C" not null,
    name text not null,
    name_key text collate "C" not null,
    description text not null,
    state text not null check (state in ('active', 'inactive', 'locked', 'deleted')),
    state_underneath text check (state_underneath in ('active', 'inactive')),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    version bigint not null,
    primary key (account_id, id),
    check ((state = 'locked') = (state_underneath is not null))
  )`.execute(db);
  await sql`create unique index service_users_name on service_users (account_id, name_key)
    where state <> 'deleted'`.execute(db);
  // Lists pass over deleted rows, however many there are.
  await sql`create index service_users_living on service_users (account_id, id desc)
    where state <> 'deleted'`.execute(db);
  await sql`create table users (
    id text collate "C" primary key,
    email text not null,
    email_key text collate "C" not null unique,
    super_admin boolean not null,
    created_at timestamptz not null
  )`.execute(db);
  await sql`create table memberships (
    account_id text collate "C" not null references accounts (id),
    user_id text collate "C" not null references users (id),
    state text not null check (state in ('active', 'inactive', 'deleted')),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    version bigint not null,
    primary key (account_id, user_id)
  )`.execute(db);
  await sql`create table installation (
    only_row boolean primary key check (only_row),
    account_id text collate "C" not null,
    user_id text collate "C" not null
  )`.execute(db);
  await sql`create table pending_enforcements (
    account_id text collate "C" not null,
    principal_id text collate "C" not null,
    enforcer text collate "C" not null,
    version bigint not null,
    attempts int not null default 0,
    due_at timestamptz not null,
    primary key (account_id, principal_id, enforcer)
  )`.execute(db);
  await sql`create index pending_enforcements_due on pending_enforcements (due_at)`.execute(db);
}
