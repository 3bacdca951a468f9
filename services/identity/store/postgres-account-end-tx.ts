import { sql, type Transaction } from "kysely";
import type { AccountEndTx } from "../domain/account-end-ports.ts";
import { headStartMs } from "./head-start.ts";
import { toAccount } from "./rows.ts";
import type { Schema } from "./schema.ts";

/** The end of an account in a transaction: a few statements, however much is in it. */
export function createAccountEndTx(trx: Transaction<Schema>, enforcerNames: readonly string[]): AccountEndTx {
  return {
    async lockWholeAccount(id) {
      const row = await trx
        .selectFrom("accounts")
        .selectAll()
        .where("id", "=", id)
        .where("state", "=", "active")
        .forUpdate()
        .executeTakeFirst();
      return row && toAccount(row);
    },
    async countContents(accountId, now) {
      const { rows } = await sql<{ service_users: number; members: number; invitations: number }>`
        select
          (select count(*) from service_users
            where account_id = ${accountId} and state <> 'deleted') as service_users,
          (select count(*) from memberships
            where account_id = ${accountId} and state <> 'deleted') as members,
          (select count(*) from invitations
            where account_id = ${accountId} and state = 'pending' and expires_at > ${now}) as invitations`.execute(
        trx,
      );
      const [counted] = rows;
      if (counted === undefined) throw new Error("a count has one row");
      return {
        serviceUsers: counted.service_users,
        members: counted.members,
        invitations: counted.invitations,
      };
    },
    async endAccount(accountId, now) {
      await sql`
        update accounts set state = 'deleted', version = version + 1, updated_at = ${now}
        where id = ${accountId}`.execute(trx);
      await sql`
        update invitations set state = 'revoked', version = version + 1
        where account_id = ${accountId} and state = 'pending'`.execute(trx);
      await sql`delete from membership_grants where account_id = ${accountId}`.execute(trx);
      await sql`
        with ended as (
          update service_users
          set state = 'deleted', state_underneath = null, version = version + 1, updated_at = ${now}
          where account_id = ${accountId} and state <> 'deleted'
          returning id as principal_id, version
        ), left_behind as (
          update memberships set state = 'deleted', version = version + 1, updated_at = ${now}
          where account_id = ${accountId} and state <> 'deleted'
          returning principal_id, version
        )
        insert into pending_enforcements (account_id, principal_id, enforcer, version, attempts, due_at)
        select ${accountId}, principal.principal_id, enforcer, principal.version, 0,
          now() + ${headStartMs} * interval '1 millisecond'
        from (select * from ended union all select * from left_behind) as principal
        cross join unnest(${[...enforcerNames]}::text[]) as enforcer
        on conflict (account_id, principal_id, enforcer)
        do update set version = excluded.version, attempts = 0, due_at = excluded.due_at`.execute(trx);
    },
  };
}
