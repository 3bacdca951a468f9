import { createAuditTable, createIdempotencyTable } from "@portcullis/postgres";
import { type Kysely, sql } from "kysely";

/** Principals as identity told of them, their credentials, and what those are found by. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createIdempotencyTable(db);
  await createAuditTable(db);
  await sql`create table principals (
    account_id text collate "C" not null,
    principal_id text collate "C" not null,
    kind text not null check (kind in ('user', 'service_user')),
    state text not null check (state in ('active', 'inactive', 'locked', 'deleted')),
    version bigint not null,
    primary key (account_id, principal_id)
  )`.execute(db);
  await sql`create table credentials (
    account_id text collate "C" not null,
    id text collate "C" not null,
    kind text not null check (kind in ('authtoken', 'api_key', 'ssh_key')),
    owner_id text collate "C" not null,
    locator text collate "C" not null,
    description text not null,
    metadata text not null,
    acl_rules text[] not null,
    allowed_ip_ranges text[] not null,
    secret_hash bytea check (octet_length(secret_hash) = 32),
    token_hint text,
    ssh_key_type text,
    ssh_fingerprint text,
    ssh_authorized_key text,
    expires_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    revoked_at timestamptz,
    version bigint not null,
    primary key (account_id, id),
    foreign key (account_id, owner_id) references principals (account_id, principal_id),
    check (
      case when kind = 'ssh_key'
        then secret_hash is null and token_hint is null
          and ssh_key_type is not null and ssh_fingerprint is not null and ssh_authorized_key is not null
        else secret_hash is not null and token_hint is not null
          and ssh_key_type is null and ssh_fingerprint is null and ssh_authorized_key is null
      end
    )
  )`.execute(db);
  // Lists of an account, newest first, read the primary key backwards.
  await sql`create index credentials_owner on credentials (account_id, owner_id, id desc)`.execute(db);
  // A token or key names no account. Where the database is sharded by account, this table is the one kept whole
  // on every node (a reference table): it makes credentials findable, and an SSH key unique across all accounts.
  // Nothing refers to it by foreign key, and it refers to nothing, so that it can be.
  await sql`create table credential_locators (
    locator text collate "C" primary key,
    account_id text collate "C" not null,
    credential_id text collate "C" not null
  )`.execute(db);
}
