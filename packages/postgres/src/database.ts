import { Kysely, PostgresDialect, sql } from "kysely";
import { Pool, TypeOverrides, types } from "pg";
import { discardingPool } from "./discarding-pool.ts";
import { GuardedDriver } from "./guarded-driver.ts";

export interface DatabaseOptions {
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  readonly poolSizeMax: number;
  /** Ends a statement with DEADLINE_EXCEEDED; 0 for none. */
  readonly statementTimeoutMs: number;
  /** Bounds the wait for a connection, new or from the pool; then DEPENDENCY_UNAVAILABLE. */
  readonly connectTimeoutMs: number;
  /** Told when a connection breaks, in use or idle. The query that used it fails by itself. */
  readonly onError: (error: Error) => void;
}

export interface Database<Schema> {
  /**
   * Failures of any query through it, in a transaction or not, are domain errors where the database is the
   * cause (see `toDomainError`), and pg's own errors otherwise.
   */
  readonly db: Kysely<Schema>;
  /** Waits for the queries under way. */
  close(): Promise<void>;
  /** Resolves when the database answers; fails with DEPENDENCY_UNAVAILABLE or the signal's reason. */
  ping(signal: AbortSignal): Promise<void>;
}

const readGraceMs = 5_000;

/** Opens a pool; connects with the first query. int8 is read as number, timestamptz as Date. */
export function openDatabase<Schema>(options: DatabaseOptions): Database<Schema> {
  const pool = new Pool({
    connectionString: options.url,
    application_name: options.applicationName,
    max: options.poolSizeMax,
    statement_timeout: options.statementTimeoutMs,
    // For a network that swallows the answer: the server's own timeout should have come before.
    ...(options.statementTimeoutMs > 0 ? { query_timeout: options.statementTimeoutMs + readGraceMs } : {}),
    connectionTimeoutMillis: options.connectTimeoutMs,
    keepAlive: true,
    types: typeParsers,
  });
  // Also while a connection is lent out and runs nothing: without a listener that would end the process.
  pool.on("connect", (client) => client.on("error", options.onError));
  // The pool repeats what its idle connections said.
  pool.on("error", () => {});
  const db = new Kysely<Schema>({ dialect: new GuardedDialect({ pool: discardingPool(pool) }) });
  return {
    db,
    close: async () => {
      await db.destroy();
      if (!pool.ending) await pool.end();
    },
    ping: async (signal) => {
      await sql`select 1`.execute(db, { signal });
    },
  };
}

class GuardedDialect extends PostgresDialect {
  override createDriver(): GuardedDriver {
    return new GuardedDriver(super.createDriver());
  }
}

const typeParsers = new TypeOverrides();
typeParsers.setTypeParser(types.builtins.INT8, parseInt8);

function parseInt8(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError("An int8 in the database is beyond what a JavaScript number can hold exactly");
}
