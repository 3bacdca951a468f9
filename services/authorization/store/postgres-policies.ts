import type { Touched } from "@portcullis/coherence/postgres";
import { type Kysely, sql, type Transaction } from "kysely";
import { type AccountPolicy, defaultPolicy } from "../domain/account-policy.ts";
import type { AccountId } from "../domain/ids.ts";
import type { PolicyStore, PolicyTx } from "../domain/policy-ports.ts";
import type { AccountPoliciesTable, AuthorizationSchema } from "./schema.ts";
import { accountScope } from "./scopes.ts";

export function createPostgresPolicies(db: Kysely<AuthorizationSchema>): PolicyStore {
  return {
    async find(accountId, signal) {
      const row = await db
        .selectFrom("account_policies")
        .selectAll()
        .where("account_id", "=", accountId)
        .executeTakeFirst({ signal });
      return toPolicy(accountId, row);
    },
  };
}

export function createPolicyTx(trx: Transaction<AuthorizationSchema>, touched: Touched): PolicyTx {
  return {
    async lock(accountId) {
      // A policy that was never changed has no row that could be locked.
      await sql`select pg_advisory_xact_lock(hashtextextended(${`policy/${accountId}`}, 0))`.execute(trx);
      const row = await trx
        .selectFrom("account_policies")
        .selectAll()
        .where("account_id", "=", accountId)
        .executeTakeFirst();
      return toPolicy(accountId, row);
    },
    async put(policy) {
      touched.add(accountScope(policy.accountId));
      const row = {
        service_user_policy: policy.serviceUserPolicy,
        new_object_access: policy.newObjectAccess,
        default_permission_ids: policy.defaultPermissionIds,
        default_group_ids: policy.defaultGroupIds,
        version: policy.version,
      };
      await trx
        .insertInto("account_policies")
        .values({ account_id: policy.accountId, ...row })
        .onConflict((conflict) => conflict.column("account_id").doUpdateSet(row))
        .execute();
    },
  };
}

function toPolicy(accountId: AccountId, row: AccountPoliciesTable | undefined): AccountPolicy {
  if (row === undefined) return defaultPolicy(accountId);
  return {
    accountId,
    serviceUserPolicy: row.service_user_policy,
    newObjectAccess: row.new_object_access,
    defaultPermissionIds: row.default_permission_ids,
    defaultGroupIds: row.default_group_ids,
    version: row.version,
  };
}
