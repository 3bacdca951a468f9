import { decodePageToken, toKeysetPage } from "@portcullis/postgres";
import type { Kysely } from "kysely";
import type { AccountStore } from "../domain/ports.ts";
import { toAccount } from "./rows.ts";
import type { Schema } from "./schema.ts";

const listName = "accounts";

/** Accounts in Postgres. */
export function createPostgresAccounts(db: Kysely<Schema>): AccountStore {
  return {
    async find(id, signal) {
      const row = await db
        .selectFrom("accounts")
        .selectAll()
        .where("id", "=", id)
        .where("state", "<>", "deleted")
        .executeTakeFirst({ signal });
      return row && toAccount(row);
    },
    async list(page, signal) {
      let query = db
        .selectFrom("accounts")
        .selectAll()
        .where("state", "<>", "deleted")
        .orderBy("id", "desc")
        .limit(page.size + 1);
      if (page.token !== "") query = query.where("id", "<", decodePageToken(page.token, listName));
      const rows = await query.execute({ signal });
      return toKeysetPage(rows, page.size, listName, toAccount, ({ id }) => id);
    },
  };
}
