import { decodePageToken, toKeysetPage } from "@portcullis/postgres";
import { type Kysely, type Selectable, sql } from "kysely";
import type { AccountId, MemberId, UserId } from "../domain/ids.ts";
import type { MemberFilter, MemberProfile, MemberStore } from "../domain/people-ports.ts";
import { emailKeyOf } from "../domain/user.ts";
import { escapeLike } from "./escape-like.ts";
import { toMember } from "./people-rows.ts";
import type { MembershipsTable, Schema } from "./schema.ts";

/** Memberships in Postgres. */
export function createPostgresMembers(db: Kysely<Schema>): MemberStore {
  const select = (accountId: AccountId, id: MemberId) =>
    db
      .selectFrom("memberships")
      .selectAll()
      .where("account_id", "=", accountId)
      .where("principal_id", "=", id);
  return {
    async find(accountId, id, signal) {
      const row = await select(accountId, id).where("state", "<>", "deleted").executeTakeFirst({ signal });
      return row && toMember(row);
    },
    async findEvenEnded(accountId, id, signal) {
      const row = await select(accountId, id).executeTakeFirst({ signal });
      return row && toMember(row);
    },
    async findProfile(accountId, id, signal) {
      const query = selectProfiles(db, accountId).where("memberships.principal_id", "=", id);
      const row = await query.executeTakeFirst({ signal });
      return row && toProfile(row);
    },
    async list(accountId, filter, page, signal) {
      const listName = JSON.stringify(["members", accountId, filter]);
      let query = matching(db, accountId, filter)
        .orderBy("memberships.principal_id", "desc")
        .limit(page.size + 1)
        .offset(page.skip);
      if (page.token !== "") {
        query = query.where("memberships.principal_id", "<", decodePageToken(page.token, listName));
      }
      const rows = await query.execute({ signal });
      return toKeysetPage(rows, page.size, listName, toProfile, ({ member }) => member.id);
    },
    async count(accountId, filter, signal) {
      const query = matching(db, accountId, filter).clearSelect();
      const row = await query.select(({ fn }) => fn.countAll().as("count")).executeTakeFirst({ signal });
      return Number(row?.count ?? 0);
    },
    async noteSignIn({ accountId, id }, at, signal) {
      await db
        .updateTable("memberships")
        .set({ last_sign_in_at: at })
        .where("account_id", "=", accountId)
        .where("principal_id", "=", id)
        .where(({ eb, or }) => or([eb("last_sign_in_at", "is", null), eb("last_sign_in_at", "<", at)]))
        .execute({ signal });
    },
    async accountsRequiringMfa(userId, signal) {
      const rows = await selectMembersOf(db, userId)
        .where("account_id", "in", db.selectFrom("accounts").select("id").where("mfa_required", "=", true))
        .execute({ signal });
      return rows.map((row) => toMember(row).accountId);
    },
    async listOfUser(userId, signal) {
      const isSuspended = sql`(select state = 'suspended' from accounts where id = memberships.account_id)`;
      const members = selectMembersOf(db, userId).clearOrderBy().orderBy(isSuspended);
      const rows = await members.orderBy("created_at").orderBy("principal_id").execute({ signal });
      return rows.map(toMember);
    },
  };
}

/** Of one person, oldest first. */
export function selectMembersOf(db: Kysely<Schema>, userId: UserId) {
  return db
    .selectFrom("memberships")
    .selectAll()
    .where("user_id", "=", userId)
    .where("state", "<>", "deleted")
    .orderBy("created_at")
    .orderBy("principal_id");
}

function selectProfiles(db: Kysely<Schema>, accountId: AccountId) {
  return db
    .selectFrom("memberships")
    .innerJoin("users", "users.id", "memberships.user_id")
    .selectAll("memberships")
    .select(["users.email", "users.display_name", "users.totp_confirmed_at"])
    .where("memberships.account_id", "=", accountId);
}

function matching(db: Kysely<Schema>, accountId: AccountId, { ids, email, emailContains }: MemberFilter) {
  let query = selectProfiles(db, accountId).where("memberships.state", "<>", "deleted");
  if (ids.length > 0) query = query.where("memberships.principal_id", "in", ids);
  if (email !== "") query = query.where("users.email_key", "=", emailKeyOf(email));
  if (emailContains !== "") {
    query = query.where("users.email_key", "like", `%${escapeLike(emailKeyOf(emailContains))}%`);
  }
  return query;
}

function toProfile(
  row: Selectable<MembershipsTable> & {
    readonly email: string;
    readonly display_name: string;
    readonly totp_confirmed_at: Date | null;
  },
): MemberProfile {
  return {
    member: toMember(row),
    email: row.email,
    displayName: row.display_name,
    totpEnabled: row.totp_confirmed_at !== null,
    lastSignInAt: row.last_sign_in_at ?? undefined,
  };
}
