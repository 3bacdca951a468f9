import { type Kysely, type Selectable, sql } from "kysely";
import type { MailOutbox } from "../domain/people-ports.ts";
import type { Clock } from "../domain/ports.ts";
import { backoffSeconds } from "./backoff.ts";
import { toQueuedMail } from "./people-rows.ts";
import type { MailOutboxTable, Schema } from "./schema.ts";

/** Mails and links in Postgres. */
export function createPostgresMails(db: Kysely<Schema>, clock: Clock): MailOutbox {
  return {
    async takeDue(limit, signal) {
      const { rows } = await sql<Selectable<MailOutboxTable>>`
        update mail_outbox as mail
        set attempts = attempts + 1, due_at = now() + 10 * ${backoffSeconds} * interval '1 second'
        from (
          select id from mail_outbox
          where due_at <= now() order by due_at limit ${limit} for update skip locked
        ) as due
        where mail.id = due.id
        returning mail.*`.execute(db, { signal });
      return rows.map(toQueuedMail);
    },
    async putLink(mailId, { tokenHash, purpose, subjectId, expiresAt }, signal) {
      const token_hash = Buffer.from(tokenHash);
      await db
        .insertInto("links")
        .values({ mail_id: mailId, token_hash, purpose, subject_id: subjectId, expires_at: expiresAt })
        .onConflict((conflict) => conflict.column("mail_id").doUpdateSet({ token_hash }))
        .execute({ signal });
      await db.deleteFrom("links").where("expires_at", "<=", clock()).execute({ signal });
    },
    async countLinks(subjectId, purpose, exceptMailId, signal) {
      const { count } = await db
        .selectFrom("links")
        .select((eb) => eb.fn.countAll<number>().as("count"))
        .where("subject_id", "=", subjectId)
        .where("purpose", "=", purpose)
        .where("mail_id", "<>", exceptMailId)
        .where("expires_at", ">", clock())
        .executeTakeFirstOrThrow({ signal });
      return count;
    },
    async findLink(purpose, tokenHash, signal) {
      const row = await db
        .selectFrom("links")
        .select("subject_id")
        .where("token_hash", "=", Buffer.from(tokenHash))
        .where("purpose", "=", purpose)
        .where("expires_at", ">", clock())
        .executeTakeFirst({ signal });
      return row?.subject_id;
    },
    async finish(mailId, signal) {
      await db.deleteFrom("mail_outbox").where("id", "=", mailId).execute({ signal });
    },
  };
}
