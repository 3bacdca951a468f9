import type { SettledTransactions, Touched } from "@portcullis/coherence/postgres";
import { holdAccount } from "@portcullis/postgres";
import { sql, type Transaction } from "kysely";
import type { PrincipalStore, PrincipalTx } from "../domain/ports.ts";
import { fromPrincipal } from "./rows.ts";
import type { Schema } from "./schema.ts";
import { principalScope } from "./scopes.ts";

/** Principals in Postgres. */
export function createPostgresPrincipals(settled: SettledTransactions<Schema>): PrincipalStore {
  return {
    change: (work, signal) =>
      settled.run((trx, touched) => work(createPrincipalTx(trx, touched)), { signal }),
  };
}

function createPrincipalTx(trx: Transaction<Schema>, touched: Touched): PrincipalTx {
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
      if (applied !== undefined) {
        touched.add(principalScope(principal));
        return { isApplied: true, inForce: applied };
      }
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
