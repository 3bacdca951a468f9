import { createAuditTable, createIdempotencyTable } from "@portcullis/postgres";
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table principals (
    account_id text collate "C" not null,
    principal_id text collate "C" not null,
    kind text collate "C" not null check (kind in ('user', 'service_user')),
    state text collate "C" not null check (state in ('active', 'inactive', 'locked', 'deleted')),
    version bigint not null check (version > 0),
    super_admin boolean not null,
    primary key (account_id, principal_id)
  )`.execute(db);
  await sql`create table role_bindings (
    account_id text collate "C" not null,
    principal_id text collate "C" not null,
    aspect text collate "C" not null check (aspect in ('developer', 'team', 'billing', 'administrator')),
    role_id text collate "C" not null,
    created_at timestamptz not null,
    primary key (account_id, principal_id, aspect),
    foreign key (account_id, principal_id) references principals
  )`.execute(db);
  await sql`create index role_bindings_by_role on role_bindings (account_id, role_id, principal_id)`.execute(
    db,
  );
  await createIdempotencyTable(db);
  await createAuditTable(db);
}
