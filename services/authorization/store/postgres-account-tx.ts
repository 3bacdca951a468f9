import type { Touched } from "@portcullis/coherence/postgres";
import { supersedeAccount } from "@portcullis/postgres";
import type { Transaction } from "kysely";
import { parseAccountId } from "../domain/ids.ts";
import type { AccountTx } from "../domain/principal-ports.ts";
import type { AuthorizationSchema } from "./schema.ts";
import { accountScope } from "./scopes.ts";

export function createAccountTx(trx: Transaction<AuthorizationSchema>, touched: Touched): AccountTx {
  return {
    async supersede(account) {
      const { isApplied, inForce } = await supersedeAccount(trx, account);
      if (isApplied) touched.add(accountScope(account.accountId));
      return { isApplied, inForce: { ...inForce, accountId: parseAccountId(inForce.accountId) } };
    },
  };
}
