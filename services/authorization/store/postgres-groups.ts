import { isUniqueViolation } from "@portcullis/postgres";
import { type Kysely, sql } from "kysely";
import type { NamedGroup } from "../domain/group.ts";
import type { GroupStore } from "../domain/group-ports.ts";
import { everyoneId } from "../domain/ids.ts";
import { toNamed } from "./named-rows.ts";
import { pageOf, positionOf } from "./pages.ts";
import type { AuthorizationSchema, NamedTable } from "./schema.ts";

type Row = NamedTable & { group_id: string; role_ids: string[]; member_count: number };

const roleIds = sql<string[]>`array(
  select a.role_id from role_assignments a
  where a.account_id = groups.account_id and a.holder_id = groups.group_id
  order by a.role_id
)`.as("role_ids");

const memberCount = sql<number>`(
  select count(*) from group_members m
  where m.account_id = groups.account_id and m.group_id = groups.group_id
)`.as("member_count");

export function createPostgresGroups(db: Kysely<AuthorizationSchema>): GroupStore {
  return {
    async find(accountId, groupId, signal) {
      const row = await groupsOf(db, accountId).where("group_id", "=", groupId).executeTakeFirst({ signal });
      return row === undefined ? undefined : toGroup(row);
    },
    async list(accountId, principalId, page, signal) {
      const filter = ["groups", accountId, principalId ?? null];
      const before = positionOf(page, filter);
      let query = groupsOf(db, accountId)
        .orderBy("group_id", "desc")
        .limit(page.size + 1);
      if (principalId !== undefined) {
        query = query.where(
          sql<boolean>`group_id in (select m.group_id from group_members m
            where m.account_id = ${accountId} and m.principal_id = ${principalId})`,
        );
      }
      if (before !== undefined) query = query.where("group_id", "<", before);
      return pageOf(await query.execute({ signal }), page, filter, (row) => row.group_id, toGroup);
    },
    async listMembers(accountId, groupId, page, signal) {
      const filter = ["group_members", accountId, groupId];
      const after = positionOf(page, filter) ?? "";
      const query =
        groupId === everyoneId
          ? sql<{ principal_id: string }>`select principal_id from principals
              where account_id = ${accountId} and principal_id > ${after} and state <> 'deleted'
              order by principal_id limit ${page.size + 1}`
          : sql<{ principal_id: string }>`select principal_id from group_members
              where account_id = ${accountId} and group_id = ${groupId} and principal_id > ${after}
              order by principal_id limit ${page.size + 1}`;
      const { rows } = await query.execute(db, { signal });
      const id = (row: { principal_id: string }) => row.principal_id;
      return pageOf(rows, page, filter, id, id);
    },
    async everyonesRoles(accountId, signal) {
      const rows = await db
        .selectFrom("role_assignments")
        .select("role_id")
        .where("account_id", "=", accountId)
        .where("holder_id", "=", everyoneId)
        .orderBy("role_id")
        .execute({ signal });
      return rows.map(({ role_id }) => role_id);
    },
  };
}

/** The account's groups, with roles and the number of members. */
export function groupsOf(db: Kysely<AuthorizationSchema>, accountId: string) {
  return db
    .selectFrom("groups")
    .selectAll()
    .select([roleIds, memberCount])
    .where("account_id", "=", accountId);
}

export function toGroup(row: Row): NamedGroup {
  return {
    ...toNamed(row),
    groupId: row.group_id,
    roleIds: row.role_ids,
    memberCount: row.member_count,
  };
}

export function isGroupNameViolation(error: unknown): boolean {
  return isUniqueViolation(error, "groups_name_key");
}
