import { type Kysely, type RawBuilder, sql } from "kysely";
import { type Rounds, startRounds } from "./rounds.ts";

/** How one table loses what it has of an account. */
export interface Deletion {
  readonly table: string;
  /** Deletes up to so many rows of the account; those that somebody holds are left for later. */
  statement(accountId: string, limit: number): RawBuilder<unknown>;
}

/** So few that a statement is short, and what it locks is soon free. */
const batchSize = 1_000;
const accountsAtOnce = 10;
const pauseMs = 1_000;

/** Of a table with this primary key, after `account_id`; in its order, so that other accounts' rows are passed over. */
export function deletionOf(table: string, ...key: readonly string[]): Deletion {
  const columns = sql.join(["account_id", ...key].map((column) => sql.ref(column)));
  return {
    table,
    statement: (accountId, limit) => sql`
      delete from ${sql.table(table)} where (${columns}) in (
        select ${columns} from ${sql.table(table)} where account_id = ${accountId}
        order by ${columns} limit ${limit} for update skip locked
      )`,
  };
}

/**
 * Empties deleted accounts, table by table in the order given, in short transactions, until it is stopped. It goes
 * on where it was ended, and any number of replicas may run it. Nothing may be added to a deleted account.
 */
export function startAccountEmptying<Schema>(
  db: Kysely<Schema>,
  deletions: readonly Deletion[],
  onError: (error: unknown) => void,
): Rounds {
  const round = async (signal: AbortSignal) => {
    const { rows } = await sql<{ account_id: string }>`
      select account_id from accounts where state = 'deleted' and not is_emptied
      limit ${accountsAtOnce}`.execute(db, { signal });
    let emptied = 0;
    for (const { account_id } of rows) if (await emptyAccount(db, deletions, account_id, signal)) emptied++;
    return emptied > 0;
  };
  return startRounds(round, { pauseMs, onError });
}

/** Whether nothing is left. */
async function emptyAccount<Schema>(
  db: Kysely<Schema>,
  deletions: readonly Deletion[],
  accountId: string,
  signal: AbortSignal,
): Promise<boolean> {
  for (const { table, statement } of deletions) {
    while (((await statement(accountId, batchSize).execute(db, { signal })).numAffectedRows ?? 0n) > 0n);
    const left = await sql`select 1 from ${sql.table(table)} where account_id = ${accountId} limit 1`.execute(
      db,
      {
        signal,
      },
    );
    if (left.rows.length > 0) return false;
  }
  await sql`update accounts set is_emptied = true where account_id = ${accountId} and state = 'deleted'`.execute(
    db,
    {
      signal,
    },
  );
  return true;
}
