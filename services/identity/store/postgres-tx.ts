import { DomainError } from "@portcullis/errors";
import { appendAudit, isUniqueViolation } from "@portcullis/postgres";
import { sql, type Transaction } from "kysely";
import { enforcedIdOf } from "../domain/enforced.ts";
import { type AccountId, parseAccountId, parseUserId } from "../domain/ids.ts";
import type { Mutation } from "../domain/mutation.ts";
import type { Clock, NewId, Tx } from "../domain/ports.ts";
import { emailKeyOf } from "../domain/user.ts";
import { headStartMs } from "./head-start.ts";
import { createAccountEndTx } from "./postgres-account-end-tx.ts";
import { selectFeature } from "./postgres-accounts.ts";
import { createPeopleTx } from "./postgres-people-tx.ts";
import { selectLiving } from "./postgres-service-users.ts";
import { fromAccount, fromServiceUser, toAccount, toServiceUser } from "./rows.ts";
import type { Schema } from "./schema.ts";

export interface TxDeps {
  readonly clock: Clock;
  readonly newId: NewId;
  /** Who owes a confirmation of each change of a principal or account. */
  readonly enforcerNames: readonly string[];
}

/** The domain's view of a transaction. */
export function createTx(trx: Transaction<Schema>, mutation: Mutation, deps: TxDeps): Tx {
  const selectAccount = (id: AccountId) =>
    trx.selectFrom("accounts").selectAll().where("id", "=", id).where("state", "<>", "deleted");
  return {
    ...createPeopleTx(trx, deps),
    ...createAccountEndTx(trx),
    async lockAccount(id) {
      const row = await selectAccount(id).forNoKeyUpdate().executeTakeFirst();
      return row && toAccount(row);
    },
    async insertAccount(account) {
      await trx.insertInto("accounts").values(fromAccount(account)).execute();
    },
    async updateAccount(account) {
      await trx.updateTable("accounts").set(fromAccount(account)).where("id", "=", account.id).execute();
    },
    async lockServiceUser(accountId, ref) {
      const row = await selectLiving(trx, accountId, ref).forNoKeyUpdate().executeTakeFirst();
      return row && toServiceUser(row);
    },
    async hasFeature(accountId, feature) {
      return (await selectFeature(trx, accountId, feature).executeTakeFirst()) !== undefined;
    },
    async countFreeServiceUsers(accountId) {
      const { rows } = await sql<{ is_part: boolean; max_count: number | null; taken: number }>`
        select
          plans.plan_id is not null as is_part,
          plans.max_count,
          (select count(*) from service_users
            where service_users.account_id = accounts.id and state <> 'deleted') as taken
        from accounts
        left join plans on plans.plan_id = accounts.plan_id and plans.feature = 'service_users'
        where accounts.id = ${accountId}`.execute(trx);
      const [limit] = rows;
      if (limit === undefined) throw new Error(`there is no account ${accountId}`);
      // A plan without the feature has none.
      if (!limit.is_part) return -limit.taken;
      return limit.max_count === null ? undefined : limit.max_count - limit.taken;
    },
    async insertServiceUser(user) {
      await namesStayUnique(trx.insertInto("service_users").values(fromServiceUser(user)).execute());
    },
    async updateServiceUser(user) {
      const { account_id, id, ...columns } = fromServiceUser(user);
      await namesStayUnique(
        trx
          .updateTable("service_users")
          .set(columns)
          .where("account_id", "=", account_id)
          .where("id", "=", id)
          .execute(),
      );
    },
    async lockInstallation() {
      // Nothing to lock exists before the first row does.
      await sql`select pg_advisory_xact_lock(hashtextextended('installation', 0))`.execute(trx);
      const row = await trx.selectFrom("installation").selectAll().executeTakeFirst();
      return row && { accountId: parseAccountId(row.account_id), userId: parseUserId(row.user_id) };
    },
    async insertFirstPerson({ accountId, userId }, email, now) {
      await trx
        .insertInto("users")
        .values({
          id: userId,
          email,
          email_key: emailKeyOf(email),
          super_admin: true,
          created_at: now,
          display_name: "",
          state: "active",
          email_verified_at: null,
          password_hash: null,
          secrets_version: 1,
          totp_secret: null,
          totp_confirmed_at: null,
          totp_last_step: 0,
          updated_at: now,
          version: 1,
        })
        .execute();
      await trx
        .insertInto("memberships")
        .values({
          account_id: accountId,
          principal_id: userId,
          user_id: userId,
          state: "active",
          created_at: now,
          updated_at: now,
          version: 1,
        })
        .execute();
      await trx
        .insertInto("installation")
        .values({ only_row: true, account_id: accountId, user_id: userId })
        .execute();
    },
    async requireEnforcement(enforced) {
      const debts = deps.enforcerNames.map((enforcer) => ({
        account_id: enforced.accountId,
        principal_id: enforcedIdOf(enforced),
        enforcer,
        version: enforced.version,
        attempts: 0,
        // The database's clock, for the relay of another replica compares with it too.
        due_at: sql<Date>`now() + ${headStartMs} * interval '1 millisecond'`,
      }));
      await trx
        .insertInto("pending_enforcements")
        .values(debts)
        .onConflict((conflict) =>
          conflict.columns(["account_id", "principal_id", "enforcer"]).doUpdateSet({
            version: (eb) => eb.ref("excluded.version"),
            attempts: 0,
            due_at: (eb) => eb.ref("excluded.due_at"),
          }),
        )
        .execute();
    },
    async audit(event) {
      await appendAudit(trx, {
        ...event,
        id: deps.newId("evt"),
        occurredAt: deps.clock(),
        actor: mutation.actor,
      });
    },
  };
}

async function namesStayUnique(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!isUniqueViolation(error, "service_users_name")) throw error;
    throw new DomainError(
      "SERVICE_USER_NAME_TAKEN",
      "Another service user of this account has that name. Names are compared without regard to case.",
      { cause: error },
    );
  }
}
