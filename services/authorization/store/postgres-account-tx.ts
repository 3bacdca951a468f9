import { supersedeAccount } from "@portcullis/postgres";
import type { Transaction } from "kysely";
import { parseAccountId } from "../domain/ids.ts";
import type { AccountTx } from "../domain/principal-ports.ts";
import type { AuthorizationSchema } from "./schema.ts";

export function createAccountTx(trx: Transaction<AuthorizationSchema>): AccountTx {
  return {
    async supersede(account) {
      const { isApplied, inForce } = await supersedeAccount(trx, account);
      return { isApplied, inForce: { ...inForce, accountId: parseAccountId(inForce.accountId) } };
    },
  };
}
