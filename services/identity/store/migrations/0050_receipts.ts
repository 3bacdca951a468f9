import { createReceiptsTable } from "@portcullis/postgres";
import type { Kysely } from "kysely";

/** The receipts that the service has issued. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createReceiptsTable(db);
}
