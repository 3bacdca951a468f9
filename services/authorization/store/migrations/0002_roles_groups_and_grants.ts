import { type Kysely, sql } from "kysely";

/** Catalogue tables are the installation's, the same on each shard; all others begin with the account. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table catalog_namespaces (
    namespace text collate "C" primary key,
    version bigint not null check (version > 0),
    digest bytea not null
  )`.execute(db);
  await sql`create table catalog_permissions (
    permission_id text collate "C" primary key,
    namespace text collate "C" not null references catalog_namespaces,
    description text not null,
    retired boolean not null
  )`.execute(db);
  await sql`create index catalog_permissions_by_namespace on catalog_permissions (namespace)`.execute(db);
  await sql`create table catalog_object_types (
    object_type text collate "C" primary key,
    namespace text collate "C" not null references catalog_namespaces,
    modify_permission_id text collate "C" not null,
    retired boolean not null
  )`.execute(db);
  await sql`create index catalog_object_types_by_namespace on catalog_object_types (namespace)`.execute(db);

  await sql`create table account_revisions (
    account_id text collate "C" primary key,
    revision bigint not null
  )`.execute(db);
  await sql`create table account_policies (
    account_id text collate "C" primary key,
    service_user_policy text collate "C" not null check (service_user_policy in ('developer', 'scoped')),
    new_object_access text collate "C" not null check (new_object_access in ('everyone', 'creator_only')),
    default_permission_ids text[] collate "C" not null,
    default_group_ids text[] collate "C" not null,
    version bigint not null
  )`.execute(db);

  await sql`create table roles (
    account_id text collate "C" not null,
    role_id text collate "C" not null,
    display_name text not null,
    name_key text collate "C" not null,
    description text not null,
    version bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (account_id, role_id)
  )`.execute(db);
  await sql`create unique index roles_name_key on roles (account_id, name_key)`.execute(db);
  await sql`create table role_permissions (
    account_id text collate "C" not null,
    role_id text collate "C" not null,
    permission_id text collate "C" not null,
    primary key (account_id, role_id, permission_id),
    foreign key (account_id, role_id) references roles on delete cascade
  )`.execute(db);
  await sql`create index role_permissions_by_permission
    on role_permissions (account_id, permission_id, role_id)`.execute(db);

  await sql`create table groups (
    account_id text collate "C" not null,
    group_id text collate "C" not null,
    display_name text not null,
    name_key text collate "C" not null,
    description text not null,
    version bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (account_id, group_id)
  )`.execute(db);
  await sql`create unique index groups_name_key on groups (account_id, name_key)`.execute(db);
  await sql`create table group_members (
    account_id text collate "C" not null,
    group_id text collate "C" not null,
    principal_id text collate "C" not null,
    primary key (account_id, group_id, principal_id),
    foreign key (account_id, group_id) references groups on delete cascade,
    foreign key (account_id, principal_id) references principals
  )`.execute(db);
  await sql`create unique index group_members_by_principal
    on group_members (account_id, principal_id, group_id)`.execute(db);

  // The holder is a principal or a group: their ids differ by prefix. Built-in roles have no row in roles.
  await sql`create table role_assignments (
    account_id text collate "C" not null,
    holder_id text collate "C" not null,
    role_id text collate "C" not null,
    primary key (account_id, holder_id, role_id)
  )`.execute(db);
  await sql`create unique index role_assignments_by_role
    on role_assignments (account_id, role_id, holder_id)`.execute(db);
  await sql`create table direct_permissions (
    account_id text collate "C" not null,
    principal_id text collate "C" not null,
    permission_id text collate "C" not null,
    primary key (account_id, principal_id, permission_id),
    foreign key (account_id, principal_id) references principals
  )`.execute(db);
  await sql`create unique index direct_permissions_by_permission
    on direct_permissions (account_id, permission_id, principal_id)`.execute(db);

  // Of an object with no entries nobody but administrators can know: an orphan.
  await sql`create table objects (
    account_id text collate "C" not null,
    object_type text collate "C" not null,
    object_id text collate "C" not null,
    creator_id text collate "C",
    entries integer not null,
    created_at timestamptz not null,
    primary key (account_id, object_type, object_id)
  )`.execute(db);
  await sql`create index objects_orphaned on objects (account_id, object_type, object_id)
    where entries = 0`.execute(db);
  await sql`create table object_access (
    account_id text collate "C" not null,
    object_type text collate "C" not null,
    object_id text collate "C" not null,
    holder_id text collate "C" not null,
    can_modify boolean not null,
    primary key (account_id, object_type, object_id, holder_id),
    foreign key (account_id, object_type, object_id) references objects on delete cascade
  )`.execute(db);
  await sql`create unique index object_access_by_holder
    on object_access (account_id, holder_id, object_type, object_id) include (can_modify)`.execute(db);

  // Who is about to be disabled or removed does not count as an active administrator.
  await sql`alter table principals add leaving_version bigint, add leaving_until timestamptz`.execute(db);
}
