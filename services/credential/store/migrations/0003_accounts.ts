import { createEnforcedAccountsTable } from "@portcullis/postgres";
import type { Kysely } from "kysely";

/** Accounts as identity told of them, above the principals in them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createEnforcedAccountsTable(db);
}
