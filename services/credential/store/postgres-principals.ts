import { holdAccount, transact } from "@portcullis/postgres";
import { type Kysely, sql, type Transaction } from "kysely";
import type { PrincipalStore, PrincipalTx } from "../domain/ports.ts";
import { fromPrincipal } from "./rows.ts";
import type { Schema } from "./schema.ts";

/** Principals in Postgres. */
export function createPostgresPrincipals(db: Kysely<Schema>): PrincipalStore {
  return {
    change: (work, signal) => transact(db, (trx) => work(createPrincipalTx(trx)), { signal }),
  };
}

function createPrincipalTx(trx: Transaction<Schema>): PrincipalTx {
  return {
    holdAccount: (accountId) => holdAccount(trx, accountId),
    async supersede(principal) {
      const row = fromPrincipal(principal);
      const applied = await trx
        .insertInto("principals")
        .values(row)
        .onConflict((conflict) =>
          conflict
            .columns(["account_id", "principal_id"])
            .doUpdateSet({ kind: row.kind, state: row.state, version: row.version })
            // Of the row as it is once whoever holds it has ended.
            .where("principals.version", "<", row.version)
            .where((eb) =>
              row.state === "deleted" ? eb.lit(true) : eb("principals.state", "<>", "deleted"),
            ),
        )
        .returning(["state", "version"])
        .executeTakeFirst();
      if (applied !== undefined) return { isApplied: true, inForce: applied };
      const inForce = await trx
        .selectFrom("principals")
        .select(["state", "version"])
        .where("account_id", "=", row.account_id)
        .where("principal_id", "=", row.principal_id)
        .executeTakeFirstOrThrow();
      return { isApplied: false, inForce };
    },
    async deleteCredentialsOf(ref) {
      // Its own snapshot, taken after `supersede` has waited.
      await sql`
        with gone as (
          delete from credentials
          where account_id = ${ref.accountId} and owner_id = ${ref.principalId}
          returning locator
        )
        delete from credential_locators where locator in (select locator from gone)`.execute(trx);
    },
  };
}
