import { type Kysely, sql } from "kysely";
import type { AccountId } from "../domain/ids.ts";
import type { RoleHolders } from "../domain/role-ports.ts";
import type { AuthorizationSchema } from "./schema.ts";

interface Row {
  role_id: string;
  principal_count: number;
  group_count: number;
  principal_ids: string[];
  group_ids: string[];
}

/** Who holds each of the roles, in their order; of principals and groups the first `namesMax` are named. */
export async function readRoleHolders(
  db: Kysely<AuthorizationSchema>,
  accountId: AccountId,
  roleIds: readonly string[],
  namesMax: number,
  signal: AbortSignal,
): Promise<readonly RoleHolders[]> {
  const { rows } = await sql<Row>`
    with holders as materialized (
      select a.role_id, a.holder_id, left(a.holder_id, 4) = 'grp_' as is_group from role_assignments a
      where a.account_id = ${accountId} and a.role_id = any (${roleIds}::text[])
      union
      select b.role_id, b.principal_id, false from role_bindings b
      where b.account_id = ${accountId} and b.role_id = any (${roleIds}::text[])
    )
    select r.role_id,
      (select count(*) from holders h where h.role_id = r.role_id and not h.is_group) as principal_count,
      (select count(*) from holders h where h.role_id = r.role_id and h.is_group) as group_count,
      array(select h.holder_id from holders h where h.role_id = r.role_id and not h.is_group
        order by 1 limit ${namesMax}) as principal_ids,
      array(select h.holder_id from holders h where h.role_id = r.role_id and h.is_group
        order by 1 limit ${namesMax}) as group_ids
    from unnest(${roleIds}::text[]) with ordinality as r (role_id, ordinal)
    order by r.ordinal`.execute(db, { signal });
  return rows.map((row) => ({
    roleId: row.role_id,
    principalCount: row.principal_count,
    groupCount: row.group_count,
    principalIds: row.principal_ids,
    groupIds: row.group_ids,
  }));
}
