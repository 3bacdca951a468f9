import type { Touched } from "@portcullis/coherence/postgres";
import { sql, type Transaction } from "kysely";
import { groupNameTaken } from "../domain/group.ts";
import type { GroupTx } from "../domain/group-ports.ts";
import type { AccountId } from "../domain/ids.ts";
import { toNamedRow } from "./named-rows.ts";
import { groupsOf, isGroupNameViolation, toGroup } from "./postgres-groups.ts";
import { removeHolder } from "./postgres-objects.ts";
import type { AuthorizationSchema } from "./schema.ts";
import { groupScope, holderScope } from "./scopes.ts";

export function createGroupTx(trx: Transaction<AuthorizationSchema>, touched: Touched): GroupTx {
  /** Which groups principals are in they depend on themselves. Returns how many there are. */
  const touchMembers = (accountId: AccountId, rows: readonly { readonly principal_id: string }[]) => {
    touched.add(...rows.map(({ principal_id }) => holderScope(accountId, principal_id)));
    return rows.length;
  };
  return {
    async insert(group) {
      // Its id is new: nobody is in it.
      touched.addsOnly();
      const row = { ...toNamedRow(group), group_id: group.groupId };
      await takingName(() => trx.insertInto("groups").values(row).execute());
    },
    async update(group) {
      // Names decide nothing.
      touched.addsOnly();
      await takingName(() =>
        trx
          .updateTable("groups")
          .set(toNamedRow(group))
          .where("account_id", "=", group.accountId)
          .where("group_id", "=", group.groupId)
          .execute(),
      );
    },
    async delete(accountId, groupId) {
      // Who was in it depends on it. What objects are remembered to be open to it is harmless: nobody is in it again.
      touched.add(groupScope(accountId, groupId));
      await sql`delete from role_assignments
        where account_id = ${accountId} and holder_id = ${groupId}`.execute(trx);
      await sql`update account_policies
        set default_group_ids = array_remove(default_group_ids, ${groupId}), version = version + 1
        where account_id = ${accountId} and ${groupId} = any (default_group_ids)`.execute(trx);
      await removeHolder(trx, accountId, groupId);
      await sql`delete from groups where account_id = ${accountId} and group_id = ${groupId}`.execute(trx);
    },
    async lock(accountId, groupId) {
      const locked = await trx
        .selectFrom("groups")
        .select("group_id")
        .where("account_id", "=", accountId)
        .where("group_id", "=", groupId)
        .forUpdate()
        .executeTakeFirst();
      if (locked === undefined) return undefined;
      // Read after the wait: its roles may have changed meanwhile.
      const row = await groupsOf(trx, accountId).where("group_id", "=", groupId).executeTakeFirst();
      return row === undefined ? undefined : toGroup(row);
    },
    async keep(accountId, groupIds) {
      if (groupIds.length === 0) return new Set();
      const rows = await trx
        .selectFrom("groups")
        .select("group_id")
        .where("account_id", "=", accountId)
        .where("group_id", "in", groupIds)
        .orderBy("group_id")
        .forShare()
        .execute();
      return new Set(rows.map(({ group_id }) => group_id));
    },
    async isUsed(accountId, groupId) {
      const { rows } = await sql<{ used: boolean }>`select
        exists (select 1 from group_members
          where account_id = ${accountId} and group_id = ${groupId})
        or exists (select 1 from object_access
          where account_id = ${accountId} and holder_id = ${groupId})
        or exists (select 1 from account_policies
          where account_id = ${accountId} and ${groupId} = any (default_group_ids)) as used`.execute(trx);
      return rows[0]?.used ?? false;
    },
    async addMembers(accountId, groupId, principalIds) {
      const { rows } = await sql<{ principal_id: string }>`
        insert into group_members (account_id, group_id, principal_id)
        select ${accountId}, ${groupId}, unnest(${principalIds}::text[])
        on conflict do nothing
        returning principal_id`.execute(trx);
      return touchMembers(accountId, rows);
    },
    async removeMembers(accountId, groupId, principalIds) {
      const { rows } = await sql<{ principal_id: string }>`
        delete from group_members
        where account_id = ${accountId} and group_id = ${groupId}
          and principal_id = any (${principalIds}::text[])
        returning principal_id`.execute(trx);
      return touchMembers(accountId, rows);
    },
  };
}

async function takingName(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    throw isGroupNameViolation(error) ? groupNameTaken() : error;
  }
}
