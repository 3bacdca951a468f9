import { Client, escapeIdentifier, escapeLiteral } from "pg";

/** Throws unless it is a name that needs no escaping in a URL or a path. */
export function requireDatabaseName(name: string): void {
  if (/^[a-z][a-z0-9_]{0,50}$/.test(name)) return;
  throw new Error(`"${name}" is no database name: use a-z, 0-9 and _, a letter first, at most 51`);
}

/**
 * Makes the database and the role that owns it, both of this name, where they are missing. The name was
 * checked before. No other role but the superuser can connect to it. May run at the same time for other names.
 */
export async function ensureServiceDatabase(adminUrl: string, name: string, password: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl, connectionTimeoutMillis: 10_000 });
  // Names can be words of SQL: `authorization` is one.
  const quoted = escapeIdentifier(name);
  await client.connect();
  try {
    const exists = async (query: string) => (await client.query(query, [name])).rowCount !== 0;
    if (!(await exists("select 1 from pg_roles where rolname = $1")))
      await client.query(`create role ${quoted}`);
    await client.query(`alter role ${quoted} login password ${escapeLiteral(password)}`);
    if (!(await exists("select 1 from pg_database where datname = $1"))) {
      await client.query(`create database ${quoted} owner ${quoted}`);
    }
    // A fresh database is open to every role.
    await client.query(`revoke all on database ${quoted} from public`);
  } finally {
    await client.end();
  }
}
