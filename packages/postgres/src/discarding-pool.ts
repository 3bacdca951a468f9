import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from "kysely";
import type pg from "pg";
import { isConnectionFailure } from "./failure.ts";

/**
 * The pool, except that a connection on which a query failed because of the connection isn't lent again.
 * pg keeps it until the socket is closed, and the next borrower would fail for nothing.
 */
export function discardingPool(pool: pg.Pool): PostgresPool {
  const known = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect();
      // The same object each time: Kysely keeps what it knows about a connection by it.
      const watched = known.get(client) ?? watchedClient(client);
      known.set(client, watched);
      return watched;
    },
  };
}

function watchedClient(client: pg.PoolClient): PostgresPoolClient {
  let broken = false;
  const query = async <R>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> => {
    try {
      // The cast: Kysely's type of a result names fewer commands than there are.
      return (await client.query(text, [...parameters])) as unknown as PostgresQueryResult<R>;
    } catch (error) {
      broken ||= isConnectionFailure(error);
      throw error;
    }
  };
  return {
    // The cast leaves out the overload for cursors, which we give Kysely none of.
    query: query as PostgresPoolClient["query"],
    release: (destroy) => client.release(broken || destroy === true),
  };
}
