import type { Touched } from "@portcullis/coherence/postgres";
import { type RawBuilder, sql, type Transaction } from "kysely";
import type { AccountId } from "../domain/ids.ts";
import type { GrantTx } from "../domain/role-ports.ts";
import { toPrincipal } from "./rows.ts";
import type { AuthorizationSchema } from "./schema.ts";
import { holderScope } from "./scopes.ts";

export function createGrantTx(trx: Transaction<AuthorizationSchema>, touched: Touched): GrantTx {
  /** Runs a statement that tells the holder of each pair that it has changed; returns how many there are. */
  const change = async (accountId: AccountId, statement: RawBuilder<unknown>): Promise<number> => {
    const { rows } = await sql<{ holder_id: string; pairs: number }>`
      with changed as (${statement})
      select holder_id, count(*) as pairs from changed group by holder_id`.execute(trx);
    touched.add(...rows.map(({ holder_id }) => holderScope(accountId, holder_id)));
    return rows.reduce((sum, { pairs }) => sum + pairs, 0);
  };
  return {
    async keepPrincipals(accountId, principalIds) {
      const rows = await trx
        .selectFrom("principals")
        .selectAll()
        .where("account_id", "=", accountId)
        .where(sql<boolean>`principal_id = any (${principalIds}::text[])`)
        .where("state", "<>", "deleted")
        .orderBy("principal_id")
        .forShare()
        .execute();
      return rows.map(toPrincipal);
    },
    grant: (accountId, principalIds, permissionIds) =>
      change(
        accountId,
        sql`
        insert into direct_permissions (account_id, principal_id, permission_id)
        select ${accountId}, h.id, i.id
        from unnest(${principalIds}::text[]) h (id), unnest(${permissionIds}::text[]) i (id)
        order by 2, 3
        on conflict do nothing
        returning principal_id as holder_id`,
      ),
    revoke: (accountId, principalIds, permissionIds) =>
      change(
        accountId,
        sql`
        delete from direct_permissions
        where account_id = ${accountId} and principal_id = any (${principalIds}::text[])
          and permission_id = any (${permissionIds}::text[])
        returning principal_id as holder_id`,
      ),
    assign: (accountId, holderIds, roleIds) =>
      change(
        accountId,
        sql`
        insert into role_assignments (account_id, holder_id, role_id)
        select ${accountId}, h.id, i.id
        from unnest(${holderIds}::text[]) h (id), unnest(${roleIds}::text[]) i (id)
        order by 2, 3
        on conflict do nothing
        returning holder_id`,
      ),
    unassign: (accountId, holderIds, roleIds) =>
      change(
        accountId,
        sql`
        delete from role_assignments
        where account_id = ${accountId} and holder_id = any (${holderIds}::text[])
          and role_id = any (${roleIds}::text[])
        returning holder_id`,
      ),
    async rolesOf(accountId, holderIds) {
      const { rows } = await sql<{ role_id: string }>`
        select distinct role_id from role_assignments
        where account_id = ${accountId} and holder_id = any (${holderIds}::text[])
        order by role_id`.execute(trx);
      return rows.map(({ role_id }) => role_id);
    },
  };
}
