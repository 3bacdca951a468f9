import type { Kysely } from "kysely";
import type { UserId } from "../domain/ids.ts";
import type { MemberStore } from "../domain/people-ports.ts";
import { toMember } from "./people-rows.ts";
import type { Schema } from "./schema.ts";

/** Memberships in Postgres. */
export function createPostgresMembers(db: Kysely<Schema>): MemberStore {
  return {
    async find(accountId, id, signal) {
      const row = await db
        .selectFrom("memberships")
        .selectAll()
        .where("account_id", "=", accountId)
        .where("principal_id", "=", id)
        .where("state", "<>", "deleted")
        .executeTakeFirst({ signal });
      return row && toMember(row);
    },
    async listOfUser(userId, signal) {
      return (await selectMembersOf(db, userId).execute({ signal })).map(toMember);
    },
  };
}

/** Of one person, oldest first. */
export function selectMembersOf(db: Kysely<Schema>, userId: UserId) {
  return db
    .selectFrom("memberships")
    .selectAll()
    .where("user_id", "=", userId)
    .where("state", "<>", "deleted")
    .orderBy("created_at")
    .orderBy("principal_id");
}
