import { DomainError } from "@portcullis/errors";
import { isUniqueViolation } from "@portcullis/postgres";
import { sql, type Transaction } from "kysely";
import { type AccountId, parseAccountId } from "../domain/ids.ts";
import type { PeopleTx } from "../domain/people-ports.ts";
import { headStartMs } from "./head-start.ts";
import { fromInvitation, fromMember, fromUser, toInvitation, toMember, toUser } from "./people-rows.ts";
import { selectMembersOf } from "./postgres-members.ts";
import type { TxDeps } from "./postgres-tx.ts";
import type { Schema } from "./schema.ts";

/** The domain's view of people in a transaction. */
export function createPeopleTx(trx: Transaction<Schema>, deps: TxDeps): PeopleTx {
  const selectPending = (accountId: AccountId) =>
    trx
      .selectFrom("invitations")
      .selectAll()
      .where("account_id", "=", accountId)
      .where("state", "=", "pending")
      .forNoKeyUpdate();
  return {
    async lockMemberByEmail(accountId, emailKey) {
      const row = await trx
        .selectFrom("memberships")
        .innerJoin("users", "users.id", "memberships.user_id")
        .selectAll("memberships")
        .where("memberships.account_id", "=", accountId)
        .where("users.email_key", "=", emailKey)
        .where("memberships.state", "<>", "deleted")
        .forNoKeyUpdate("memberships")
        .executeTakeFirst();
      return row && toMember(row);
    },
    async hasPlan(planId) {
      const found = await trx
        .selectFrom("plans")
        .select("plan_id")
        .where("plan_id", "=", planId)
        .executeTakeFirst();
      return found !== undefined;
    },
    async countFreeSeats(accountId, now) {
      const { rows } = await sql<{ max_count: number | null; taken: number }>`
        select
          plans.max_count,
          (select count(*) from memberships where memberships.account_id = accounts.id and state = 'active')
          + (select count(*) from invitations
            where invitations.account_id = accounts.id and state = 'pending' and expires_at > ${now}) as taken
        from accounts
        join plans on plans.plan_id = accounts.plan_id and plans.feature = 'seats'
        where accounts.id = ${accountId}`.execute(trx);
      const [seats] = rows;
      // A plan without the feature has none.
      if (seats === undefined) return 0;
      return seats.max_count === null ? undefined : seats.max_count - seats.taken;
    },
    async lockInvitation(accountId, id) {
      const row = await selectPending(accountId).where("id", "=", id).executeTakeFirst();
      return row && toInvitation(row);
    },
    async lockInvitationByEmail(accountId, emailKey) {
      const row = await selectPending(accountId).where("email_key", "=", emailKey).executeTakeFirst();
      return row && toInvitation(row);
    },
    async insertInvitation(invitation) {
      await trx.insertInto("invitations").values(fromInvitation(invitation)).execute();
    },
    async updateInvitation(invitation) {
      const { account_id, id, ...columns } = fromInvitation(invitation);
      await trx
        .updateTable("invitations")
        .set(columns)
        .where("account_id", "=", account_id)
        .where("id", "=", id)
        .execute();
    },
    async lockUser(id) {
      const row = await trx
        .selectFrom("users")
        .selectAll()
        .where("id", "=", id)
        .where("state", "=", "active")
        .forNoKeyUpdate()
        .executeTakeFirst();
      return row && toUser(row);
    },
    async countSuperAdmins(without) {
      // The rows to be locked are those of others, who may be going at this moment.
      await sql`select pg_advisory_xact_lock(hashtextextended('super_admins', 0))`.execute(trx);
      const exceptUser = without !== undefined && "user" in without ? without.user : "";
      const exceptMember = without !== undefined && "member" in without ? without.member : undefined;
      const { rows } = await sql<{ count: number }>`
        select count(*) from users
        where super_admin and users.state = 'active' and users.id <> ${exceptUser} and exists (
          select 1 from memberships
          join accounts on accounts.id = memberships.account_id and accounts.state = 'active'
          where memberships.user_id = users.id and memberships.state = 'active'
            and (memberships.account_id, memberships.principal_id)
              <> (${exceptMember?.accountId ?? ""}, ${exceptMember?.id ?? ""})
        )`.execute(trx);
      const [counted] = rows;
      if (counted === undefined) throw new Error("a count has one row");
      return counted.count;
    },
    async insertUser(user) {
      const inserted = await trx
        .insertInto("users")
        .values(fromUser(user))
        .onConflict((conflict) => conflict.column("email_key").doNothing())
        .executeTakeFirst();
      return inserted.numInsertedOrUpdatedRows === 1n;
    },
    async updateUser(user) {
      const { id, ...columns } = fromUser(user);
      await addressesStayUnique(trx.updateTable("users").set(columns).where("id", "=", id).execute());
    },
    async insertMember(member, grants) {
      await trx.insertInto("memberships").values(fromMember(member)).execute();
      if (grants.length === 0) return;
      const ref = { account_id: member.accountId, principal_id: member.id };
      const rows = grants.map(({ kind, targetId }) => ({ ...ref, kind, target_id: targetId }));
      await trx.insertInto("membership_grants").values(rows).execute();
    },
    async lockMember(accountId, id) {
      const row = await trx
        .selectFrom("memberships")
        .selectAll()
        .where("account_id", "=", accountId)
        .where("principal_id", "=", id)
        .where("state", "<>", "deleted")
        .forNoKeyUpdate()
        .executeTakeFirst();
      return row && toMember(row);
    },
    async updateMember(member) {
      const { account_id, principal_id, ...columns } = fromMember(member);
      await trx
        .updateTable("memberships")
        .set(columns)
        .where("account_id", "=", account_id)
        .where("principal_id", "=", principal_id)
        .execute();
    },
    async countOtherActiveMembers({ accountId, id }) {
      const { count } = await trx
        .selectFrom("memberships")
        .select((eb) => eb.fn.countAll<number>().as("count"))
        .where("account_id", "=", accountId)
        .where("principal_id", "<>", id)
        .where("state", "=", "active")
        .executeTakeFirstOrThrow();
      return count;
    },
    async membersOf(userId) {
      return (await selectMembersOf(trx, userId).execute()).map(toMember);
    },
    async replaceRecoveryCodes(userId, hashes) {
      await trx.deleteFrom("recovery_codes").where("user_id", "=", userId).execute();
      if (hashes.length === 0) return;
      const rows = hashes.map((hash) => ({ user_id: userId, code_hash: Buffer.from(hash) }));
      await trx.insertInto("recovery_codes").values(rows).execute();
    },
    async takeRecoveryCode(userId, hash) {
      const { numDeletedRows } = await trx
        .deleteFrom("recovery_codes")
        .where("user_id", "=", userId)
        .where("code_hash", "=", Buffer.from(hash))
        .executeTakeFirst();
      return numDeletedRows === 1n;
    },
    async forgetGuesses(userId) {
      await trx.deleteFrom("second_factor_guesses").where("user_id", "=", userId).execute();
    },
    async queueMail(template, recipient, subjectId) {
      await trx
        .insertInto("mail_outbox")
        .values({
          id: deps.newId("mail"),
          template,
          recipient,
          subject_id: subjectId,
          attempts: 0,
          created_at: deps.clock(),
          due_at: sql<Date>`now()`,
        })
        .execute();
    },
    async takeLink(purpose, tokenHash) {
      const row = await trx
        .deleteFrom("links")
        .where("token_hash", "=", Buffer.from(tokenHash))
        .where("purpose", "=", purpose)
        .where("expires_at", ">", deps.clock())
        .returning("subject_id")
        .executeTakeFirst();
      return row?.subject_id;
    },
    async deleteLinksOf(subjectId, purpose) {
      await trx
        .deleteFrom("links")
        .where("subject_id", "=", subjectId)
        .where("purpose", "=", purpose)
        .execute();
    },
    async requireSessionsEnd({ userId, belowSecretsVersion, exceptGroupId }) {
      await trx
        .insertInto("pending_session_ends")
        .values({
          user_id: userId,
          account_id: "",
          account_version: 0,
          below_secrets_version: belowSecretsVersion,
          except_group_id: exceptGroupId,
          attempts: 0,
          due_at: sql<Date>`now() + ${headStartMs} * interval '1 millisecond'`,
        })
        .onConflict((conflict) =>
          conflict.columns(["user_id", "account_id"]).doUpdateSet({
            below_secrets_version: (eb) => eb.ref("excluded.below_secrets_version"),
            except_group_id: (eb) => eb.ref("excluded.except_group_id"),
            attempts: 0,
            due_at: (eb) => eb.ref("excluded.due_at"),
          }),
        )
        .execute();
    },
    async requireSessionsEndWithoutMfa({ id, version }) {
      await sql`
        insert into pending_session_ends
          (user_id, account_id, account_version, below_secrets_version, except_group_id, attempts, due_at)
        select memberships.user_id, ${id}, ${version}, 0, '', 0, now() + ${headStartMs} * interval '1 millisecond'
        from memberships
        join users on users.id = memberships.user_id
        where memberships.account_id = ${id} and memberships.state <> 'deleted'
          and users.totp_confirmed_at is null
        on conflict (user_id, account_id)
        do update set account_version = excluded.account_version, attempts = 0, due_at = excluded.due_at`.execute(
        trx,
      );
    },
    async holdAccountsRequiringMfa(userId) {
      // All of them: one that does not require it yet may be coming to, and is waited for.
      const rows = await trx
        .selectFrom("accounts")
        .select(["id", "mfa_required"])
        .where("id", "in", selectMembersOf(trx, userId).clearSelect().select("account_id"))
        .orderBy("id")
        .forShare()
        .execute();
      return rows.filter((row) => row.mfa_required).map((row) => parseAccountId(row.id));
    },
  };
}

async function addressesStayUnique(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!isUniqueViolation(error, "users_email_key_key")) throw error;
    throw new DomainError("EMAIL_TAKEN", "Another user has that address. Choose another one.", {
      cause: error,
    });
  }
}
