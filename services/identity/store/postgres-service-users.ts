import { decodePageToken, toKeysetPage } from "@portcullis/postgres";
import type { Kysely } from "kysely";
import type { AccountId } from "../domain/ids.ts";
import type { ServiceUserFilter, ServiceUserRef, ServiceUserStore } from "../domain/ports.ts";
import { nameKeyOf } from "../domain/service-user.ts";
import { escapeLike } from "./escape-like.ts";
import { toServiceUser } from "./rows.ts";
import type { Schema } from "./schema.ts";

/** Service users in Postgres. */
export function createPostgresServiceUsers(db: Kysely<Schema>): ServiceUserStore {
  return {
    async find(accountId, ref, signal) {
      const row = await selectLiving(db, accountId, ref).executeTakeFirst({ signal });
      return row && toServiceUser(row);
    },
    async findEvenDeleted(accountId, id, signal) {
      const row = await db
        .selectFrom("service_users")
        .selectAll()
        .where("account_id", "=", accountId)
        .where("id", "=", id)
        .executeTakeFirst({ signal });
      return row && toServiceUser(row);
    },
    async list(accountId, filter, page, signal) {
      const listName = JSON.stringify([
        accountId,
        filter.states,
        nameKeyOf(filter.namePrefix),
        filter.beforeId,
        filter.ids,
        nameKeyOf(filter.nameContains),
      ]);
      let query = matching(db, accountId, filter)
        .orderBy("id", "desc")
        .limit(page.size + 1)
        .offset(page.skip);
      if (page.token !== "") query = query.where("id", "<", decodePageToken(page.token, listName));
      const rows = await query.execute({ signal });
      return toKeysetPage(rows, page.size, listName, toServiceUser, ({ id }) => id);
    },
    async count(accountId, filter, signal) {
      const query = matching(db, accountId, filter).clearSelect();
      const row = await query.select(({ fn }) => fn.countAll().as("count")).executeTakeFirst({ signal });
      return Number(row?.count ?? 0);
    },
  };
}

/** The one living service user that a reference names. */
export function selectLiving(db: Kysely<Schema>, accountId: AccountId, ref: ServiceUserRef) {
  const living = db
    .selectFrom("service_users")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("state", "<>", "deleted");
  return "id" in ref ? living.where("id", "=", ref.id) : living.where("name_key", "=", ref.nameKey);
}

function matching(db: Kysely<Schema>, accountId: AccountId, filter: ServiceUserFilter) {
  let query = db
    .selectFrom("service_users")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("state", "<>", "deleted");
  if (filter.states.length > 0) query = query.where("state", "in", filter.states);
  if (filter.beforeId !== "") query = query.where("id", "<", filter.beforeId);
  const prefix = nameKeyOf(filter.namePrefix);
  if (prefix !== "") query = query.where("name_key", "like", `${escapeLike(prefix)}%`);
  const part = nameKeyOf(filter.nameContains);
  if (part !== "") query = query.where("name_key", "like", `%${escapeLike(part)}%`);
  if (filter.ids.length > 0) query = query.where("id", "in", filter.ids);
  return query;
}
