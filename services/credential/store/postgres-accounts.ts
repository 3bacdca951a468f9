import { supersedeAccount } from "@portcullis/postgres";
import type { Kysely } from "kysely";
import { parseAccountId } from "../domain/ids.ts";
import type { AccountStore } from "../domain/ports.ts";
import type { Schema } from "./schema.ts";

/** Accounts in Postgres. */
export function createPostgresAccounts(db: Kysely<Schema>): AccountStore {
  return {
    async supersede(account, signal) {
      const { inForce } = await supersedeAccount(db, account, { signal });
      return { ...inForce, accountId: parseAccountId(inForce.accountId) };
    },
  };
}
