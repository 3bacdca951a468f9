import type { Touched } from "@portcullis/coherence/postgres";
import { type Kysely, sql, type Transaction } from "kysely";
import type { CatalogStore, CatalogTx } from "../domain/catalog-ports.ts";
import type { RegisteredVersion } from "../domain/register-permissions.ts";
import type { AuthorizationSchema } from "./schema.ts";
import { catalogScope } from "./scopes.ts";

export function createPostgresCatalog(db: Kysely<AuthorizationSchema>): CatalogStore {
  return {
    async registeredPermissions(signal) {
      const rows = await db
        .selectFrom("catalog_permissions")
        .selectAll()
        .orderBy("permission_id")
        .execute({ signal });
      return rows.map(({ permission_id, ...row }) => ({ permissionId: permission_id, ...row }));
    },
  };
}

export function createCatalogTx(trx: Transaction<AuthorizationSchema>, touched: Touched): CatalogTx {
  return {
    async addOrLockNamespace({ namespace, version, digest }) {
      // An update that changes nothing locks the row that is there; xmax tells which of the two it was.
      const { rows } = await sql<RegisteredVersion & { added: boolean }>`
        insert into catalog_namespaces as n (namespace, version, digest)
        values (${namespace}, ${version}, ${digest})
        on conflict (namespace) do update set version = n.version
        returning n.version, n.digest, n.xmax = 0 as added`.execute(trx);
      const known = rows[0];
      return known === undefined || known.added ? undefined : known;
    },
    async replaceContent({ namespace, version, digest, permissions, objectTypes }) {
      touched.add(catalogScope);
      await sql`update catalog_namespaces set version = ${version}, digest = ${digest}
        where namespace = ${namespace}`.execute(trx);
      await sql`update catalog_permissions set retired = true where namespace = ${namespace}`.execute(trx);
      await sql`update catalog_object_types set retired = true where namespace = ${namespace}`.execute(trx);
      await sql`
        insert into catalog_permissions (permission_id, namespace, description, retired)
        select id, ${namespace}, description, false
        from unnest(
          ${permissions.map(({ permissionId }) => permissionId)}::text[],
          ${permissions.map(({ description }) => description)}::text[]
        ) as t (id, description)
        on conflict (permission_id) do update set description = excluded.description, retired = false
      `.execute(trx);
      await sql`
        insert into catalog_object_types (object_type, namespace, modify_permission_id, retired)
        select type, ${namespace}, modify_permission_id, false
        from unnest(
          ${objectTypes.map(({ objectType }) => objectType)}::text[],
          ${objectTypes.map(({ modifyPermissionId }) => modifyPermissionId)}::text[]
        ) as t (type, modify_permission_id)
        on conflict (object_type)
        do update set modify_permission_id = excluded.modify_permission_id, retired = false
      `.execute(trx);
    },
    async registered(permissionIds) {
      if (permissionIds.length === 0) return new Set();
      const rows = await trx
        .selectFrom("catalog_permissions")
        .select("permission_id")
        .where("permission_id", "in", permissionIds)
        .where("retired", "=", false)
        .execute();
      return new Set(rows.map(({ permission_id }) => permission_id));
    },
  };
}
