import { type Kysely, sql } from "kysely";
import type { Holdings } from "../domain/holdings.ts";
import { type AccountId, everyoneId, type PrincipalId } from "../domain/ids.ts";
import { type PrincipalRow, toPrincipal } from "./rows.ts";
import type { AuthorizationSchema } from "./schema.ts";

interface Row extends PrincipalRow {
  account_state: Holdings["accountState"];
  service_user_policy: Holdings["serviceUserPolicy"];
  bound: string[];
  direct: string[];
  assigned: { holderId: string; roleId: string }[];
  group_ids: string[];
  custom: { roleId: string; permissionIds: string[] }[];
  registered: string[];
}

/** As readHoldings, of many principals of an account at once, by id; without those that are deleted. */
export async function readManyHoldings(
  db: Kysely<AuthorizationSchema>,
  accountId: AccountId,
  principalIds: readonly PrincipalId[],
  signal: AbortSignal,
): Promise<readonly { readonly holdings: Holdings; readonly groupIds: readonly string[] }[]> {
  const { rows } = await sql<Row>`
    with wanted as materialized (
      select p.*, array(
        select m.group_id from group_members m
        where m.account_id = p.account_id and m.principal_id = p.principal_id order by 1
      ) as group_ids
      from principals p
      where p.account_id = ${accountId} and p.principal_id = any (${principalIds}::text[])
        and p.state <> 'deleted'
    ), assigned as materialized (
      select w.principal_id, a.holder_id, a.role_id from wanted w
      join role_assignments a on a.account_id = ${accountId}
        and a.holder_id = any (array[w.principal_id, ${everyoneId}]::text[] || w.group_ids)
    )
    select w.*,
      coalesce((select s.state from accounts s where s.account_id = w.account_id), 'active') as account_state,
      coalesce((select y.service_user_policy from account_policies y
        where y.account_id = w.account_id), 'developer') as service_user_policy,
      array(select b.role_id from role_bindings b
        where b.account_id = w.account_id and b.principal_id = w.principal_id order by 1) as bound,
      array(select d.permission_id from direct_permissions d
        where d.account_id = w.account_id and d.principal_id = w.principal_id order by 1) as direct,
      coalesce((select jsonb_agg(jsonb_build_object('holderId', s.holder_id, 'roleId', s.role_id)
        order by s.holder_id, s.role_id) from assigned s
        where s.principal_id = w.principal_id), '[]') as assigned,
      coalesce((select jsonb_agg(jsonb_build_object('roleId', x.role_id, 'permissionIds', x.ids)) from (
        select c.role_id, jsonb_agg(c.permission_id order by c.permission_id) as ids
        from role_permissions c
        where c.account_id = w.account_id
          and c.role_id in (select s.role_id from assigned s where s.principal_id = w.principal_id)
        group by c.role_id) x), '[]') as custom,
      array(select k.permission_id from catalog_permissions k where not k.retired) as registered
    from wanted w order by w.principal_id`.execute(db, { signal });
  return rows.map((row) => ({ holdings: toHoldings(row), groupIds: row.group_ids }));
}

function toHoldings(row: Row): Holdings {
  return {
    accountState: row.account_state,
    principal: toPrincipal(row),
    serviceUserPolicy: row.service_user_policy,
    boundRoleIds: row.bound,
    directPermissionIds: row.direct,
    assigned: row.assigned,
    customRoles: new Map(row.custom.map(({ roleId, permissionIds }) => [roleId, permissionIds])),
    registered: new Set(row.registered),
  };
}
