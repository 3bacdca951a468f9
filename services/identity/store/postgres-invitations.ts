import { decodePageToken, toKeysetPage } from "@portcullis/postgres";
import type { Kysely } from "kysely";
import type { AccountId } from "../domain/ids.ts";
import type { AddressFilter, InvitationStore } from "../domain/people-ports.ts";
import { emailKeyOf } from "../domain/user.ts";
import { escapeLike } from "./escape-like.ts";
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
    async listPending(accountId, filter, page, signal) {
      const listName = JSON.stringify(["invitations", accountId, filter]);
      let query = pending(db, accountId, filter)
        .orderBy("id", "desc")
        .limit(page.size + 1)
        .offset(page.skip);
      if (page.token !== "") query = query.where("id", "<", decodePageToken(page.token, listName));
      const rows = await query.execute({ signal });
      return toKeysetPage(rows, page.size, listName, toInvitation, ({ id }) => id);
    },
    async countPending(accountId, filter, signal) {
      const query = pending(db, accountId, filter).clearSelect();
      const row = await query.select(({ fn }) => fn.countAll().as("count")).executeTakeFirst({ signal });
      return Number(row?.count ?? 0);
    },
  };
}

function pending(db: Kysely<Schema>, accountId: AccountId, { email, emailContains }: AddressFilter) {
  let query = db
    .selectFrom("invitations")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("state", "=", "pending");
  if (email !== "") query = query.where("email_key", "=", emailKeyOf(email));
  if (emailContains !== "") {
    query = query.where("email_key", "like", `%${escapeLike(emailKeyOf(emailContains))}%`);
  }
  return query;
}
