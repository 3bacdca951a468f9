import type { LogPosition } from "@portcullis/coherence";
import { logPosition } from "@portcullis/coherence/postgres";
import { type Kysely, sql } from "kysely";
import type { Holdings } from "../domain/holdings.ts";
import { everyoneId, type PrincipalRef } from "../domain/ids.ts";
import { type PrincipalRow, toPrincipal } from "./rows.ts";
import type { AuthorizationSchema } from "./schema.ts";

/** Without a principal only the position is there. */
type Row = HoldingsRow | { read_at: LogPosition; principal_id: null };

interface HoldingsRow extends PrincipalRow {
  read_at: LogPosition;
  account_state: Holdings["accountState"];
  service_user_policy: Holdings["serviceUserPolicy"];
  bound: string[];
  direct: string[];
  assigned: { holderId: string; roleId: string }[];
  custom: { roleId: string; permissionIds: string[] }[];
  registered: string[];
}

/** All that decides what a principal may do, and the position of the log, in one statement: it is of one moment. */
export async function readHoldings(
  db: Kysely<AuthorizationSchema>,
  { accountId, principalId }: PrincipalRef,
  options: { readonly signal?: AbortSignal } = {},
): Promise<{ readonly holdings: Holdings | undefined; readonly revision: number }> {
  const { rows } = await sql<Row>`
    with assigned as materialized (
      select a.holder_id, a.role_id from role_assignments a
      where a.account_id = ${accountId} and a.holder_id = any (
        array[${principalId}, ${everyoneId}]::text[] || array(
          select m.group_id from group_members m
          where m.account_id = ${accountId} and m.principal_id = ${principalId}
        )
      )
    )
    select ${logPosition} as read_at, p.*,
      coalesce((select s.state from accounts s where s.account_id = p.account_id), 'active') as account_state,
      coalesce((select y.service_user_policy from account_policies y
        where y.account_id = p.account_id), 'developer') as service_user_policy,
      array(select b.role_id from role_bindings b
        where b.account_id = p.account_id and b.principal_id = p.principal_id order by 1) as bound,
      array(select d.permission_id from direct_permissions d
        where d.account_id = p.account_id and d.principal_id = p.principal_id order by 1) as direct,
      coalesce((select jsonb_agg(jsonb_build_object('holderId', s.holder_id, 'roleId', s.role_id)
        order by s.holder_id, s.role_id) from assigned s), '[]') as assigned,
      coalesce((select jsonb_agg(jsonb_build_object('roleId', x.role_id, 'permissionIds', x.ids)) from (
        select c.role_id, jsonb_agg(c.permission_id order by c.permission_id) as ids
        from role_permissions c
        where c.account_id = ${accountId} and c.role_id in (select s.role_id from assigned s)
        group by c.role_id) x), '[]') as custom,
      array(select k.permission_id from catalog_permissions k where not k.retired) as registered
    from (select 1) as always
    left join principals p on p.account_id = ${accountId} and p.principal_id = ${principalId}`.execute(
    db,
    options,
  );
  const row = rows[0];
  if (row === undefined) throw new Error("a question was not answered");
  const revision = row.read_at.position;
  return { holdings: row.principal_id === null ? undefined : toHoldings(row), revision };
}

function toHoldings(row: HoldingsRow): Holdings {
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
