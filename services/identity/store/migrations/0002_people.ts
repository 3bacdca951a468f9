import { type Kysely, sql } from "kysely";

/** Passwords and second factors, memberships as principals of their own, grants that are owed, mails and links. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table users
    add column display_name text not null default '',
    add column state text not null default 'active' check (state in ('active', 'deleted')),
    add column email_verified_at timestamptz,
    add column password_hash text,
    add column secrets_version bigint not null default 1,
    add column totp_secret text,
    add column totp_confirmed_at timestamptz,
    add column totp_last_step bigint not null default 0,
    add column updated_at timestamptz,
    add column version bigint not null default 1`.execute(db);
  await sql`update users set updated_at = created_at`.execute(db);
  await sql`alter table users alter column updated_at set not null`.execute(db);
  // A deleted user's address is free again.
  await sql`alter table users alter column email_key drop not null`.execute(db);
  await sql`create table recovery_codes (
    user_id text collate "C" not null references users (id),
    code_hash bytea not null,
    primary key (user_id, code_hash)
  )`.execute(db);

  // docs/adr/0005
  await sql`alter table memberships add column principal_id text collate "C"`.execute(db);
  await sql`update memberships set principal_id = user_id`.execute(db);
  await sql`alter table memberships alter column principal_id set not null`.execute(db);
  await sql`alter table memberships drop constraint memberships_pkey`.execute(db);
  await sql`alter table memberships add primary key (account_id, principal_id)`.execute(db);
  await sql`create unique index memberships_living on memberships (account_id, user_id)
    where state <> 'deleted'`.execute(db);
  await sql`create index memberships_user on memberships (user_id, account_id)`.execute(db);
  // Part of what authorization owes; a row is gone once it has been granted.
  await sql`create table membership_grants (
    account_id text collate "C" not null,
    principal_id text collate "C" not null,
    kind text not null check (kind in ('role', 'group', 'permission')),
    target_id text collate "C" not null,
    primary key (account_id, principal_id, kind, target_id)
  )`.execute(db);

  // What credential owes: sessions made with a password or second factor that is no more.
  await sql`create table pending_session_ends (
    user_id text collate "C" primary key,
    below_secrets_version bigint not null,
    except_group_id text not null,
    attempts int not null default 0,
    due_at timestamptz not null
  )`.execute(db);
  await sql`create index pending_session_ends_due on pending_session_ends (due_at)`.execute(db);

  // docs/adr/0006
  await sql`create table mail_outbox (
    id text collate "C" primary key,
    template text not null,
    recipient text not null,
    subject_id text collate "C" not null,
    attempts int not null default 0,
    created_at timestamptz not null,
    due_at timestamptz not null
  )`.execute(db);
  await sql`create index mail_outbox_due on mail_outbox (due_at)`.execute(db);
  await sql`create table links (
    mail_id text collate "C" primary key,
    token_hash bytea not null unique,
    purpose text not null,
    subject_id text collate "C" not null,
    expires_at timestamptz not null
  )`.execute(db);
  await sql`create index links_subject on links (subject_id, purpose)`.execute(db);
  await sql`create index links_expiry on links (expires_at)`.execute(db);
}
