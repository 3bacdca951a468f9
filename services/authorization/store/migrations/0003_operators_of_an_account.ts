import { type Kysely, sql } from "kysely";

/** Super administrators are few among an account's principals, and may do what nobody gave them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index principals_super_admin on principals (account_id, principal_id)
    where super_admin`.execute(db);
}
