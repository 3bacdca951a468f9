import type { Touched } from "@portcullis/coherence/postgres";
import { sql, type Transaction } from "kysely";
import type { PrincipalRef } from "../domain/ids.ts";
import { removeHolder } from "./postgres-objects.ts";
import type { AuthorizationSchema } from "./schema.ts";
import { principalScope } from "./scopes.ts";

type Trx = Transaction<AuthorizationSchema>;

/** Gives a new user what the account's policy gives new users. */
export async function giveDefaults(trx: Trx, touched: Touched, ref: PrincipalRef): Promise<void> {
  touched.add(principalScope(ref));
  const { accountId, principalId } = ref;
  await sql`
    insert into direct_permissions (account_id, principal_id, permission_id)
    select y.account_id, ${principalId}, unnest(y.default_permission_ids)
    from account_policies y where y.account_id = ${accountId}
    on conflict do nothing`.execute(trx);
  // Locked, so that none of the groups is deleted in between.
  await sql`
    with kept as (
      select g.group_id from groups g
      where g.account_id = ${accountId} and g.group_id = any (array(
        select unnest(y.default_group_ids) from account_policies y where y.account_id = ${accountId}))
      order by g.group_id for share
    )
    insert into group_members (account_id, group_id, principal_id)
    select ${accountId}, kept.group_id, ${principalId} from kept
    on conflict do nothing`.execute(trx);
}

/** Takes roles, groups and permissions from a principal that goes for ever. */
export async function deleteHoldings(trx: Trx, touched: Touched, ref: PrincipalRef): Promise<void> {
  touched.add(principalScope(ref));
  const { accountId, principalId } = ref;
  await sql`delete from direct_permissions
    where account_id = ${accountId} and principal_id = ${principalId}`.execute(trx);
  await sql`delete from role_assignments
    where account_id = ${accountId} and holder_id = ${principalId}`.execute(trx);
  await sql`delete from group_members
    where account_id = ${accountId} and principal_id = ${principalId}`.execute(trx);
  await removeHolder(trx, accountId, principalId);
}
