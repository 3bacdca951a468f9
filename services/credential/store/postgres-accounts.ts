import type { SettledTransactions } from "@portcullis/coherence/postgres";
import { supersedeAccount } from "@portcullis/postgres";
import { parseAccountId } from "../domain/ids.ts";
import type { AccountStore } from "../domain/ports.ts";
import type { Schema } from "./schema.ts";
import { accountScope } from "./scopes.ts";

/** Accounts in Postgres. */
export function createPostgresAccounts(settled: SettledTransactions<Schema>): AccountStore {
  return {
    async supersede(account, signal) {
      return settled.run(
        async (trx, touched) => {
          const { isApplied, inForce } = await supersedeAccount(trx, account);
          if (isApplied) touched.add(accountScope(account.accountId));
          return { ...inForce, accountId: parseAccountId(inForce.accountId) };
        },
        { signal },
      );
    },
  };
}
