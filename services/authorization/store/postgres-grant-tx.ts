import { sql, type Transaction } from "kysely";
import type { GrantTx } from "../domain/role-ports.ts";
import { toPrincipal } from "./rows.ts";
import type { AuthorizationSchema } from "./schema.ts";

export function createGrantTx(trx: Transaction<AuthorizationSchema>): GrantTx {
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
    async grant(accountId, principalIds, permissionIds) {
      const { numAffectedRows } = await sql`
        insert into direct_permissions (account_id, principal_id, permission_id)
        select ${accountId}, h.id, i.id
        from unnest(${principalIds}::text[]) h (id), unnest(${permissionIds}::text[]) i (id)
        order by 2, 3
        on conflict do nothing`.execute(trx);
      return Number(numAffectedRows ?? 0n);
    },
    async revoke(accountId, principalIds, permissionIds) {
      const { numAffectedRows } = await sql`
        delete from direct_permissions
        where account_id = ${accountId} and principal_id = any (${principalIds}::text[])
          and permission_id = any (${permissionIds}::text[])`.execute(trx);
      return Number(numAffectedRows ?? 0n);
    },
    async assign(accountId, holderIds, roleIds) {
      const { numAffectedRows } = await sql`
        insert into role_assignments (account_id, holder_id, role_id)
        select ${accountId}, h.id, i.id
        from unnest(${holderIds}::text[]) h (id), unnest(${roleIds}::text[]) i (id)
        order by 2, 3
        on conflict do nothing`.execute(trx);
      return Number(numAffectedRows ?? 0n);
    },
    async unassign(accountId, holderIds, roleIds) {
      const { numAffectedRows } = await sql`
        delete from role_assignments
        where account_id = ${accountId} and holder_id = any (${holderIds}::text[])
          and role_id = any (${roleIds}::text[])`.execute(trx);
      return Number(numAffectedRows ?? 0n);
    },
    async rolesOf(accountId, holderIds) {
      const { rows } = await sql<{ role_id: string }>`
        select distinct role_id from role_assignments
        where account_id = ${accountId} and holder_id = any (${holderIds}::text[])
        order by role_id`.execute(trx);
      return rows.map(({ role_id }) => role_id);
    },
  };
}
