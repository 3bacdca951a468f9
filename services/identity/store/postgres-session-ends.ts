import { type Kysely, type Selectable, sql } from "kysely";
import type { SessionEndOutbox } from "../domain/people-ports.ts";
import { backoffSeconds } from "./backoff.ts";
import { toAccountSessionsEnd, toSessionsEnd } from "./people-rows.ts";
import type { PendingSessionEndsTable, Schema } from "./schema.ts";

/** Sessions whose end credential owes, in Postgres. */
export function createPostgresSessionEnds(db: Kysely<Schema>): SessionEndOutbox {
  const select = db.selectFrom("pending_session_ends").selectAll();
  return {
    async pendingOf(userId, signal) {
      const row = await select
        .where("user_id", "=", userId)
        .where("account_id", "=", "")
        .executeTakeFirst({ signal });
      return row && toSessionsEnd(row);
    },
    async pendingOfAccount(accountId, limit, signal) {
      const rows = await select.where("account_id", "=", accountId).limit(limit).execute({ signal });
      return rows.map(toAccountSessionsEnd);
    },
    async confirm({ userId, belowSecretsVersion }, signal) {
      await db
        .deleteFrom("pending_session_ends")
        .where("user_id", "=", userId)
        .where("account_id", "=", "")
        .where("below_secrets_version", "<=", belowSecretsVersion)
        .execute({ signal });
    },
    async confirmInAccounts(ends, signal) {
      const [users, accounts] = [ends.map(({ userId }) => userId), ends.map(({ accountId }) => accountId)];
      const versions = ends.map(({ version }) => version);
      await sql`
        delete from pending_session_ends as pending
        using unnest(${users}::text[], ${accounts}::text[], ${versions}::bigint[]) as ended (user_id, account_id, version)
        where (pending.user_id, pending.account_id) = (ended.user_id, ended.account_id)
          and pending.account_version <= ended.version`.execute(db, { signal });
    },
    async takeDue(limit, signal) {
      const { rows } = await sql<Selectable<PendingSessionEndsTable>>`
        update pending_session_ends as pending
        set attempts = attempts + 1, due_at = now() + ${backoffSeconds} * interval '1 second'
        from (
          select user_id, account_id from pending_session_ends
          where due_at <= now() order by due_at limit ${limit} for update skip locked
        ) as due
        where (pending.user_id, pending.account_id) = (due.user_id, due.account_id)
        returning pending.*`.execute(db, { signal });
      return {
        everywhere: rows.filter((row) => row.account_id === "").map(toSessionsEnd),
        inAccounts: rows.filter((row) => row.account_id !== "").map(toAccountSessionsEnd),
      };
    },
  };
}
