import type { Touched } from "@portcullis/coherence/postgres";
import { DomainError } from "@portcullis/errors";
import { isUniqueViolation } from "@portcullis/postgres";
import { type Kysely, sql, type Transaction } from "kysely";
import type { CustomRole } from "../domain/custom-role.ts";
import type { RoleStore, RoleTx } from "../domain/role-ports.ts";
import { toNamed, toNamedRow } from "./named-rows.ts";
import { pageOf, positionOf } from "./pages.ts";
import { readRoleHolders } from "./read-role-holders.ts";
import type { AuthorizationSchema, NamedTable } from "./schema.ts";
import { roleScope } from "./scopes.ts";

type Row = NamedTable & { role_id: string; permission_ids: string[] };

const permissionIds = sql<string[]>`array(
  select p.permission_id from role_permissions p
  where p.account_id = roles.account_id and p.role_id = roles.role_id
  order by p.permission_id
)`.as("permission_ids");

export function createPostgresRoles(db: Kysely<AuthorizationSchema>): RoleStore {
  return {
    async find(accountId, roleId, signal) {
      const row = await rolesOf(db, accountId).where("role_id", "=", roleId).executeTakeFirst({ signal });
      return row === undefined ? undefined : toRole(row);
    },
    async list(accountId, page, signal) {
      const filter = ["roles", accountId];
      const before = positionOf(page, filter);
      let query = rolesOf(db, accountId)
        .orderBy("role_id", "desc")
        .limit(page.size + 1);
      if (before !== undefined) query = query.where("role_id", "<", before);
      return pageOf(await query.execute({ signal }), page, filter, (row) => row.role_id, toRole);
    },
    holdersOf: (accountId, roleIds, namesMax, signal) =>
      readRoleHolders(db, accountId, roleIds, namesMax, signal),
  };
}

export function createRoleTx(trx: Transaction<AuthorizationSchema>, touched: Touched): RoleTx {
  return {
    async insert(role) {
      // Its id is new: nobody holds it.
      touched.addsOnly();
      await takingName(() =>
        trx
          .insertInto("roles")
          .values({ ...toNamedRow(role), role_id: role.roleId })
          .execute(),
      );
      await addPermissions(trx, role);
    },
    async update(role) {
      touched.add(roleScope(role.accountId, role.roleId));
      await takingName(() =>
        trx
          .updateTable("roles")
          .set(toNamedRow(role))
          .where("account_id", "=", role.accountId)
          .where("role_id", "=", role.roleId)
          .execute(),
      );
      await sql`
        delete from role_permissions
        where account_id = ${role.accountId} and role_id = ${role.roleId}
          and permission_id <> all (${role.permissionIds}::text[])`.execute(trx);
      await addPermissions(trx, role);
    },
    async delete(accountId, roleId) {
      // What its holders have of it depends on it, however many they are.
      touched.add(roleScope(accountId, roleId));
      await trx
        .deleteFrom("role_assignments")
        .where("account_id", "=", accountId)
        .where("role_id", "=", roleId)
        .execute();
      await trx
        .deleteFrom("roles")
        .where("account_id", "=", accountId)
        .where("role_id", "=", roleId)
        .execute();
    },
    async lock(accountId, roleId) {
      const locked = await trx
        .selectFrom("roles")
        .select("role_id")
        .where("account_id", "=", accountId)
        .where("role_id", "=", roleId)
        .forUpdate()
        .executeTakeFirst();
      if (locked === undefined) return undefined;
      // Read after the wait: the permissions may have changed meanwhile.
      const row = await rolesOf(trx, accountId).where("role_id", "=", roleId).executeTakeFirst();
      return row === undefined ? undefined : toRole(row);
    },
    async keep(accountId, roleIds) {
      if (roleIds.length === 0) return [];
      await trx
        .selectFrom("roles")
        .select("role_id")
        .where("account_id", "=", accountId)
        .where("role_id", "in", roleIds)
        .orderBy("role_id")
        .forShare()
        .execute();
      const rows = await rolesOf(trx, accountId).where("role_id", "in", roleIds).execute();
      return rows.map(toRole);
    },
    async isHeld(accountId, roleId) {
      const held = await trx
        .selectFrom("role_assignments")
        .select("holder_id")
        .where("account_id", "=", accountId)
        .where("role_id", "=", roleId)
        .limit(1)
        .executeTakeFirst();
      return held !== undefined;
    },
  };
}

function rolesOf(db: Kysely<AuthorizationSchema>, accountId: string) {
  return db.selectFrom("roles").selectAll().select(permissionIds).where("account_id", "=", accountId);
}

async function addPermissions(trx: Transaction<AuthorizationSchema>, role: CustomRole): Promise<void> {
  await sql`
    insert into role_permissions (account_id, role_id, permission_id)
    select ${role.accountId}, ${role.roleId}, unnest(${role.permissionIds}::text[])
    on conflict do nothing`.execute(trx);
}

async function takingName(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!isUniqueViolation(error, "roles_name_key")) throw error;
    const message = "Another role of the account has this name. Choose another one.";
    throw new DomainError("ROLE_NAME_TAKEN", message, { cause: error });
  }
}

function toRole(row: Row): CustomRole {
  return { ...toNamed(row), roleId: row.role_id, permissionIds: row.permission_ids };
}
