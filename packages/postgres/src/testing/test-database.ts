import { createHash, randomBytes } from "node:crypto";
import { Client } from "pg";
import { inject } from "vitest";
import { type Migrations, migrateToLatest } from "../migrations.ts";
import { postgresUrlKey } from "./provided.ts";

export interface TestDatabase {
  /** For the superuser of the run. */
  readonly url: string;
  /** Ends the sessions that are left. */
  drop(): Promise<void>;
}

/** A migrated database of one's own: a copy of a template that each set of migrations has once a run. */
export async function createTestDatabase(migrations: Migrations): Promise<TestDatabase> {
  const adminUrl = inject(postgresUrlKey);
  if (adminUrl === undefined) {
    throw new Error('Add "packages/postgres/src/testing/global-setup.ts" to globalSetup in vitest.config.ts');
  }
  const name = `test_${randomBytes(8).toString("hex")}`;
  await withClient(adminUrl, async (client) => {
    const template = await ensureTemplate(client, adminUrl, migrations);
    await client.query(`create database ${name} template ${template}`);
  });
  return {
    url: urlOf(adminUrl, name),
    drop: () =>
      withClient(adminUrl, async (client) => {
        await client.query(`drop database if exists ${name} with (force)`);
      }),
  };
}

async function ensureTemplate(client: Client, adminUrl: string, migrations: Migrations): Promise<string> {
  const name = `template_${digestOf(migrations)}`;
  // Held for this session, so until the template is complete; the others wait and find it.
  await client.query("select pg_advisory_lock(hashtextextended($1, 0))", [name]);
  const found = await client.query<{ datistemplate: boolean }>(
    "select datistemplate from pg_database where datname = $1",
    [name],
  );
  if (found.rows[0]?.datistemplate !== true) {
    // One that isn't marked as template was left half made.
    await client.query(`drop database if exists ${name} with (force)`);
    await client.query(`create database ${name}`);
    await migrateToLatest(urlOf(adminUrl, name), migrations);
    await client.query(`alter database ${name} is_template true`);
  }
  await client.query("select pg_advisory_unlock(hashtextextended($1, 0))", [name]);
  return name;
}

/** Not seen: what a migration reads from around it. Sets that differ only in that need other names. */
function digestOf(migrations: Migrations): string {
  const texts = [...migrations].map(([name, migration]) => [name, migration.up.toString()]);
  return createHash("sha256").update(JSON.stringify(texts)).digest("hex").slice(0, 24);
}

function urlOf(adminUrl: string, database: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  return url.href;
}

async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
