import { type Deletion, deletionOf, type Rounds, startAccountEmptying } from "@portcullis/postgres";
import { type Kysely, sql } from "kysely";
import type { Schema } from "./schema.ts";

/** Sessions go with their credentials. */
const credentials: Deletion = {
  table: "credentials",
  statement: (accountId, limit) => sql`
    with gone as (
      delete from credentials where (account_id, id) in (
        select account_id, id from credentials where account_id = ${accountId}
        order by account_id, id limit ${limit} for update skip locked
      )
      returning locator
    )
    delete from credential_locators where locator in (select locator from gone)`,
};

/** Deletes what deleted accounts had, and frees its locators. */
export function startEmptying(db: Kysely<Schema>, onError: (error: unknown) => void): Rounds {
  return startAccountEmptying(db, [credentials, deletionOf("principals", "principal_id")], onError);
}
