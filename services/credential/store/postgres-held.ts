import type { LogPosition } from "@portcullis/coherence";
import { logPosition } from "@portcullis/coherence/postgres";
import { type Kysely, sql } from "kysely";
import type { Locator } from "../domain/credential.ts";
import type { HeldCredential } from "../domain/ports.ts";
import { principalKindOf } from "../domain/principal.ts";
import { sessionColumns } from "./postgres-credentials.ts";
import type { HeldSource } from "./remembered-credentials.ts";
import { toCredential } from "./rows.ts";
import type { Schema } from "./schema.ts";

/** The credentials that are presented, in Postgres. */
export function createPostgresHeld(db: Kysely<Schema>): HeldSource {
  return {
    async read(locators, signal) {
      const rows = await selectHeld(db, locators).execute({ signal });
      const held = new Map<Locator, HeldCredential>();
      for (const row of rows) {
        const { locator, credential } = row;
        if (locator !== null && credential !== null) held.set(locator as Locator, toHeld(credential));
      }
      return { held, readAt: readAtOf(rows) };
    },
    async noteUses(sessions, now, signal) {
      const accountIds = sessions.map(({ accountId }) => accountId);
      const ids = sessions.map(({ id }) => id);
      // Locked ones are skipped: their last use is being written, or they are being ended.
      await sql`
        update sessions set last_used_at = ${now}
        from (
          select account_id, credential_id from sessions
          where (account_id, credential_id) in (select * from unnest(${accountIds}::text[], ${ids}::text[]))
            and last_used_at < ${now}
          for update skip locked
        ) as due
        where (sessions.account_id, sessions.credential_id) = (due.account_id, due.credential_id)`.execute(
        db,
        { signal },
      );
    },
  };
}
