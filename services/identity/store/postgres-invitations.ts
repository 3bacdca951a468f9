import { decodePageToken, encodePageToken } from "@portcullis/postgres";
import type { Kysely } from "kysely";
import type { InvitationStore } from "../domain/people-ports.ts";
import { toInvitation } from "./people-rows.ts";
import type { Schema } from "./schema.ts";

/** Invitations in Postgres. */
export function createPostgresInvitations(db: Kysely<Schema>): InvitationStore {
  return {
    async find(accountId, id, signal) {
      const row = await db
        .selectFrom("invitations")
        .selectAll()
        .where("account_id", "=", accountId)
        .where("id", "=", id)
        .executeTakeFirst({ signal });
      return row && toInvitation(row);
    },
    async listPending(accountId, page, signal) {
      const listName = JSON.stringify(["invitations", accountId]);
      let query = db
        .selectFrom("invitations")
        .selectAll()
        .where("account_id", "=", accountId)
        .where("state", "=", "pending")
        .orderBy("id", "desc")
        .limit(page.size + 1);
      if (page.token !== "") query = query.where("id", "<", decodePageToken(page.token, listName));
      const rows = await query.execute({ signal });
      const items = rows.slice(0, page.size).map(toInvitation);
      const last = items.at(-1);
      const hasMore = rows.length > page.size && last !== undefined;
      return { items, nextToken: hasMore ? encodePageToken(last.id, listName) : "" };
    },
  };
}
