import { sql, type Transaction } from "kysely";
import type { AccountEndTx } from "../domain/account-end-ports.ts";
import { toAccount } from "./rows.ts";
import type { Schema } from "./schema.ts";

/** The end of an account in a transaction: a few statements, however much is in it. */
export function createAccountEndTx(trx: Transaction<Schema>): AccountEndTx {
  return {
    async lockWholeAccount(id) {
      const row = await trx
        .selectFrom("accounts")
        .selectAll()
        .where("id", "=", id)
        .where("state", "<>", "deleted")
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
    async countActive(accountId) {
      const { rows } = await sql<{ service_users: number; members: number }>`
        select
          (select count(*) from service_users
            where account_id = ${accountId} and state = 'active') as service_users,
          (select count(*) from memberships
            where account_id = ${accountId} and state = 'active') as members`.execute(trx);
      const [counted] = rows;
      if (counted === undefined) throw new Error("a count has one row");
      return { serviceUsers: counted.service_users, members: counted.members };
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
        update service_users
        set state = 'deleted', state_underneath = null, version = version + 1, updated_at = ${now}
        where account_id = ${accountId} and state <> 'deleted'`.execute(trx);
      await sql`
        update memberships set state = 'deleted', version = version + 1, updated_at = ${now}
        where account_id = ${accountId} and state <> 'deleted'`.execute(trx);
      // Last: also what was owed by those who were waited for.
      await sql`delete from pending_enforcements where account_id = ${accountId}`.execute(trx);
    },
  };
}
