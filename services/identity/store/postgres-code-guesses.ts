import { type Kysely, sql } from "kysely";
import type { CodeGuesses } from "../domain/people-ports.ts";
import type { Schema } from "./schema.ts";

/** So many in a row, then a pause. */
const guessesMax = 10;
const pauseSecondsMin = 15 * 60;
const pauseSecondsMax = 24 * 3_600;

/** Guesses in Postgres, where all replicas count them; a statement of its own, which no rollback takes back. */
export function createPostgresCodeGuesses(db: Kysely<Schema>): CodeGuesses {
  return {
    async take(userId, now, signal) {
      const { rows } = await sql`
        insert into second_factor_guesses as guesses (user_id, count) values (${userId}, 1)
        on conflict (user_id) do update set
          count = guesses.count + 1,
          blocked_until = case when (guesses.count + 1) % ${guessesMax} = 0
            then ${now}::timestamptz + interval '1 second'
              * least(${pauseSecondsMin} * 2 ^ least((guesses.count + 1) / ${guessesMax} - 1, 20), ${pauseSecondsMax})
            end
        where guesses.blocked_until is null or guesses.blocked_until <= ${now}
        returning user_id`.execute(db, { signal });
      if (rows.length > 0) return 0;
      const row = await db
        .selectFrom("second_factor_guesses")
        .select("blocked_until")
        .where("user_id", "=", userId)
        .executeTakeFirst({ signal });
      // Freed meanwhile: this one was refused all the same.
      return Math.max(1, (row?.blocked_until?.getTime() ?? 0) - now.getTime());
    },
  };
}
