import { type Kysely, sql } from "kysely";

/** Plans as data, and invitations. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table plans (
    plan_id text collate "C" not null,
    feature text collate "C" not null,
    max_count bigint,
    primary key (plan_id, feature)
  )`.execute(db);
  // Null is without a limit; a feature that a plan has no row for is not part of it (contracts/ngrok.md §6).
  await sql`insert into plans (plan_id, feature, max_count) values
    ('unlimited', 'seats', null),
    ('unlimited', 'service_users', null),
    ('unlimited', 'rbac', null),
    ('unlimited', 'sso', null),
    ('unlimited', 'scim', null),
    ('unlimited', 'acls', null),
    ('pay_as_you_go', 'seats', 3),
    ('pay_as_you_go', 'service_users', null),
    ('pay_as_you_go', 'acls', null),
    ('hobbyist', 'seats', 1),
    ('free', 'seats', 1)`.execute(db);
  await sql`alter table accounts add column plan_id text collate "C" not null default 'unlimited'`.execute(
    db,
  );
  await sql`create table invitations (
    account_id text collate "C" not null references accounts (id),
    id text collate "C" not null,
    email text not null,
    email_key text collate "C" not null,
    grants jsonb not null,
    state text not null check (state in ('pending', 'accepted', 'revoked')),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    version bigint not null,
    primary key (account_id, id)
  )`.execute(db);
  await sql`create unique index invitations_pending on invitations (account_id, email_key)
    where state = 'pending'`.execute(db);
}
