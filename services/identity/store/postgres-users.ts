import type { Kysely } from "kysely";
import type { UserStore } from "../domain/people-ports.ts";
import { toUser } from "./people-rows.ts";
import type { Schema } from "./schema.ts";

/** People in Postgres. */
export function createPostgresUsers(db: Kysely<Schema>): UserStore {
  const select = db.selectFrom("users").selectAll();
  return {
    async findEvenDeleted(id, signal) {
      const row = await select.where("id", "=", id).executeTakeFirst({ signal });
      return row && toUser(row);
    },
    async findByEmail(emailKey, signal) {
      const row = await select.where("email_key", "=", emailKey).executeTakeFirst({ signal });
      return row && toUser(row);
    },
    async countRecoveryCodes(id, signal) {
      const { count } = await db
        .selectFrom("recovery_codes")
        .select((eb) => eb.fn.countAll<number>().as("count"))
        .where("user_id", "=", id)
        .executeTakeFirstOrThrow({ signal });
      return count;
    },
    async listSuperAdmins(signal) {
      const rows = await select
        .where("super_admin", "=", true)
        .where("state", "=", "active")
        .orderBy("id")
        .execute({ signal });
      return rows.map(toUser);
    },
  };
}
