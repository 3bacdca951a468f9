import { type Kysely, sql } from "kysely";
import type { SessionEndOutbox } from "../domain/people-ports.ts";
import { backoffSeconds } from "./backoff.ts";
import { toSessionsEnd } from "./people-rows.ts";
import type { PendingSessionEndsTable, Schema } from "./schema.ts";

/** Sessions whose end credential owes, in Postgres. */
export function createPostgresSessionEnds(db: Kysely<Schema>): SessionEndOutbox {
  return {
    async pendingOf(userId, signal) {
      const row = await db
        .selectFrom("pending_session_ends")
        .select(["user_id", "below_secrets_version", "except_group_id"])
        .where("user_id", "=", userId)
        .executeTakeFirst({ signal });
      return row && toSessionsEnd(row);
    },
    async confirm({ userId, belowSecretsVersion }, signal) {
      await db
        .deleteFrom("pending_session_ends")
        .where("user_id", "=", userId)
        .where("below_secrets_version", "<=", belowSecretsVersion)
        .execute({ signal });
    },
    async takeDue(limit, signal) {
      const { rows } = await sql<
        Pick<PendingSessionEndsTable, "user_id" | "below_secrets_version" | "except_group_id">
      >`
        update pending_session_ends as pending
        set attempts = attempts + 1, due_at = now() + ${backoffSeconds} * interval '1 second'
        from (
          select user_id from pending_session_ends
          where due_at <= now() order by due_at limit ${limit} for update skip locked
        ) as due
        where pending.user_id = due.user_id
        returning pending.user_id, pending.below_secrets_version, pending.except_group_id`.execute(db, {
        signal,
      });
      return rows.map(toSessionsEnd);
    },
  };
}
