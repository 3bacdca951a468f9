import { decodePageToken, toKeysetPage } from "@portcullis/postgres";
import type { Kysely } from "kysely";
import type { AccountId } from "../domain/ids.ts";
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
    async hasFeature(id, feature, signal) {
      const row = await selectFeature(db, id, feature).executeTakeFirst({ signal });
      return row !== undefined;
    },
  };
}

/** A row, if the plan of the account has any of the feature. */
export function selectFeature(db: Kysely<Schema>, id: AccountId, feature: string) {
  return db
    .selectFrom("accounts")
    .innerJoin("plans", "plans.plan_id", "accounts.plan_id")
    .select("plans.feature")
    .where("accounts.id", "=", id)
    .where("accounts.state", "=", "active")
    .where("plans.feature", "=", feature)
    .where((eb) => eb.or([eb("plans.max_count", "is", null), eb("plans.max_count", ">", 0)]));
}
