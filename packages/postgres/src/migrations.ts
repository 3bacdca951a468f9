import { type Kysely, type QueryExecutorProvider, sql } from "kysely";
import type { Migration } from "kysely/migration";
import { openDatabase } from "./database.ts";

/** A service's migrations in the order of their names, which is the order in which they run. */
export type Migrations = ReadonlyMap<string, Migration>;

/** Names are like `0001_service_users`, so that sorting them is putting them in order. */
export function defineMigrations(migrations: Readonly<Record<string, Migration>>): Migrations {
  const entries = Object.entries(migrations).toSorted(([a], [b]) => (a < b ? -1 : 1));
  for (const [name] of entries) {
    if (!/^\d{4}_[a-z0-9_]+$/.test(name)) throw new Error(`"${name}" is no migration name: write 0001_words`);
  }
  return new Map(entries);
}

/**
 * Brings the database up to date and returns the names it ran. All in one transaction: an error leaves the
 * database as it was. Processes that migrate at once take turns, and the later ones find nothing to do.
 */
export async function migrateToLatest(url: string, migrations: Migrations): Promise<readonly string[]> {
  const database = openDatabase<unknown>({
    url,
    applicationName: "portcullis-migrate",
    poolSizeMax: 1,
    statementTimeoutMs: 0,
    connectTimeoutMs: 10_000,
    onError: () => {},
  });
  try {
    return await database.db.transaction().execute((trx) => migrate(trx, migrations));
  } finally {
    await database.close();
  }
}

async function migrate(trx: Kysely<unknown>, migrations: Migrations): Promise<readonly string[]> {
  await sql`select pg_advisory_xact_lock(${lockId})`.execute(trx);
  // A migration that waits for a table lock holds up everyone behind it: better to fail and be run again.
  await sql`set local lock_timeout = '10s'`.execute(trx);
  await sql`create table if not exists schema_migrations (
    name text collate "C" primary key,
    applied_at timestamptz not null default now()
  )`.execute(trx);
  const applied = await appliedNames(trx);
  const pending = pendingOf(migrations, applied);
  const first = pending[0];
  const later = applied.find((name) => first !== undefined && name > first);
  if (first !== undefined && later !== undefined) {
    throw new Error(
      `Migration ${first} is new, but ${later}, which sorts after it, has already run. Give it a later name.`,
    );
  }
  for (const name of pending) {
    await migrations.get(name)?.up(trx);
    await sql`insert into schema_migrations (name) values (${name})`.execute(trx);
  }
  return pending;
}

/** The names this database lacks, in order. */
export async function pendingMigrations(
  db: QueryExecutorProvider,
  migrations: Migrations,
): Promise<readonly string[]> {
  return pendingOf(migrations, await appliedNames(db));
}

/**
 * Throws unless this code can work with the database as it is. Migrations that this code doesn't know are
 * accepted when they sort after all of ours: that is a newer release, rolled out at this moment.
 */
export async function requireMigrated(db: QueryExecutorProvider, migrations: Migrations): Promise<void> {
  const applied = await appliedNames(db);
  const pending = pendingOf(migrations, applied);
  if (pending.length > 0) {
    throw new Error(
      `The database lacks ${pending.length} migration(s): ${pending.join(", ")}. Run this service's migrate command, then start it again.`,
    );
  }
  const last = [...migrations.keys()].at(-1) ?? "";
  const strange = applied.filter((name) => !migrations.has(name) && name < last);
  if (strange.length > 0) {
    throw new Error(
      `The database has migrations that this release doesn't know: ${strange.join(", ")}. Check that DATABASE_URL names this service's database and that this release isn't a branch of another.`,
    );
  }
}

/** Any number; the same in every release. Advisory locks are per database. */
const lockId = 7_035_241_189_104_422n;

function pendingOf(migrations: Migrations, applied: readonly string[]): readonly string[] {
  const done = new Set(applied);
  return [...migrations.keys()].filter((name) => !done.has(name));
}

async function appliedNames(db: QueryExecutorProvider): Promise<readonly string[]> {
  const found = await sql<{ found: boolean }>`
    select to_regclass('schema_migrations') is not null as found`.execute(db);
  if (found.rows[0]?.found !== true) return [];
  const { rows } = await sql<{ name: string }>`select name from schema_migrations order by name`.execute(db);
  return rows.map(({ name }) => name);
}
