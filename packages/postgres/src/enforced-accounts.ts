import { type Generated, type Kysely, type QueryExecutorProvider, sql } from "kysely";

/** An account as identity decided it, as of a version. */
export interface EnforcedAccount {
  readonly accountId: string;
  readonly state: "active" | "suspended" | "deleted";
  readonly version: number;
}

/** What an enforcer was told of accounts; version 0: nothing yet. Rows stay when an account is deleted. */
export interface EnforcedAccountsTable {
  account_id: string;
  state: EnforcedAccount["state"];
  version: number;
  /** Of a deleted one: nothing is left in it. */
  is_emptied: Generated<boolean>;
}

type Row = Pick<EnforcedAccountsTable, "account_id" | "state" | "version">;

/** For the migration of an enforcer. */
export async function createEnforcedAccountsTable<S>(db: Kysely<S>): Promise<void> {
  await sql`create table accounts (
    account_id text collate "C" primary key,
    state text not null check (state in ('active', 'suspended', 'deleted')),
    version bigint not null,
    is_emptied boolean not null default false
  )`.execute(db);
  await sql`create index accounts_to_empty on accounts (account_id)
    where state = 'deleted' and not is_emptied`.execute(db);
}

/**
 * Stores an account if its version is above the known one, unless that would bring a deleted one back; waits for
 * whoever holds it. Tells what is in force then, and whether it is this one's.
 */
export async function supersedeAccount(
  db: QueryExecutorProvider,
  { accountId, state, version }: EnforcedAccount,
  options: { readonly signal?: AbortSignal } = {},
): Promise<{ readonly isApplied: boolean; readonly inForce: EnforcedAccount }> {
  const applied = await sql<Row>`
    insert into accounts as known (account_id, state, version) values (${accountId}, ${state}, ${version})
    on conflict (account_id) do update
    set state = excluded.state, version = excluded.version, is_emptied = false
    where known.version < excluded.version and (known.state <> 'deleted' or excluded.state = 'deleted')
    returning account_id, state, version`.execute(db, options);
  const row = applied.rows[0];
  if (row !== undefined) return { isApplied: true, inForce: toAccount(row) };
  const known = await sql<Row>`
    select account_id, state, version from accounts where account_id = ${accountId}`.execute(db, options);
  if (known.rows[0] === undefined) throw new Error("an account is in the way that does not exist");
  return { isApplied: false, inForce: toAccount(known.rows[0]) };
}

/** Within a transaction: the account's state, which stays so until it ends. An account never told of is active. */
export async function holdAccount(
  trx: QueryExecutorProvider,
  accountId: string,
): Promise<EnforcedAccount["state"]> {
  const select = sql<Row>`
    select account_id, state, version from accounts where account_id = ${accountId} for share`;
  const held = (await select.execute(trx)).rows[0];
  if (held !== undefined) return held.state;
  // What is not there can't be held.
  await sql`insert into accounts (account_id, state, version) values (${accountId}, 'active', 0)
    on conflict do nothing`.execute(trx);
  const added = (await select.execute(trx)).rows[0];
  if (added === undefined) throw new Error("an account that was added is gone");
  return added.state;
}

function toAccount({ account_id, state, version }: Row): EnforcedAccount {
  return { accountId: account_id, state, version };
}
