import type { Touched } from "@portcullis/coherence/postgres";
import { type Kysely, sql, type Transaction } from "kysely";
import { builtInObjectTypes } from "../domain/catalog.ts";
import type { AccessEntry, ObjectKey, ObjectSet } from "../domain/object-access.ts";
import type { ObjectStore, ObjectTx } from "../domain/object-ports.ts";
import { pageOf, positionOf } from "./pages.ts";
import { readFacts } from "./postgres-subjects.ts";
import type { AuthorizationSchema } from "./schema.ts";
import { objectScope } from "./scopes.ts";

type Trx = Transaction<AuthorizationSchema>;

export function createPostgresObjects(db: Kysely<AuthorizationSchema>): ObjectStore {
  return {
    async find(key, signal) {
      const { accountId, objectType, objectId } = key;
      const { rows } = await sql<{ creator_id: string | null; entries: AccessEntry[] }>`
        select o.creator_id, coalesce((
          select jsonb_agg(jsonb_build_object('holderId', a.holder_id,
            'action', case when a.can_modify then 'modify' else 'view' end) order by a.holder_id)
          from object_access a where a.account_id = o.account_id
            and a.object_type = o.object_type and a.object_id = o.object_id), '[]') as entries
        from objects o
        where o.account_id = ${accountId} and o.object_type = ${objectType} and o.object_id = ${objectId}
      `.execute(db, { signal });
      const row = rows[0];
      if (row === undefined) return undefined;
      return { ...key, creatorId: row.creator_id ?? undefined, entries: row.entries };
    },
    async listOrphans(accountId, objectType, page, signal) {
      const filter = ["orphans", accountId, objectType];
      // Types have no slash.
      const [afterType = "", ...rest] = (positionOf(page, filter) ?? objectType).split("/");
      let query = db
        .selectFrom("objects")
        .select(["object_type", "object_id"])
        .where("account_id", "=", accountId)
        .where("entries", "=", sql<number>`0`)
        .where(sql<boolean>`(object_type, object_id) > (${afterType}, ${rest.join("/")})`)
        .orderBy("object_type")
        .orderBy("object_id")
        .limit(page.size + 1);
      if (objectType !== "") query = query.where("object_type", "=", objectType);
      return pageOf(
        await query.execute({ signal }),
        page,
        filter,
        (row) => `${row.object_type}/${row.object_id}`,
        (row) => ({ accountId, objectType: row.object_type, objectId: row.object_id }),
      );
    },
  };
}

export function createObjectTx(trx: Trx, touched: Touched): ObjectTx {
  const touch = (
    of: Pick<ObjectKey, "accountId" | "objectType">,
    rows: readonly { readonly object_id: string }[],
  ) => {
    touched.add(...rows.map(({ object_id }) => objectScope({ ...of, objectId: object_id })));
  };
  return {
    async isTypeKnown(objectType) {
      if (builtInObjectTypes.has(objectType)) return true;
      const found = await trx
        .selectFrom("catalog_object_types")
        .select("object_type")
        .where("object_type", "=", objectType)
        .where("retired", "=", false)
        .executeTakeFirst();
      return found !== undefined;
    },
    async add(accountId, objectType, objects, at) {
      // In the order of their ids: two that add the same ones at once take turns instead of a deadlock.
      const { rows } = await sql<{ object_id: string }>`
        with added as (
          insert into objects (account_id, object_type, object_id, creator_id, entries, created_at)
          select ${accountId}, ${objectType}, n.id, n.creator, (n.holder is not null)::int, ${at}
          from unnest(
            ${objects.map(({ objectId }) => objectId)}::text[],
            ${objects.map(({ creatorId }) => creatorId ?? null)}::text[],
            ${objects.map(({ holderId }) => holderId ?? null)}::text[]
          ) as n (id, creator, holder)
          order by n.id collate "C"
          on conflict do nothing
          returning object_id
        )
        select object_id from added`.execute(trx);
      touch({ accountId, objectType }, rows);
      const added = new Set(rows.map(({ object_id }) => object_id));
      const open = objects.filter(({ objectId, holderId }) => added.has(objectId) && holderId !== undefined);
      await sql`
        insert into object_access (account_id, object_type, object_id, holder_id, can_modify)
        select ${accountId}, ${objectType}, n.id, n.holder, true
        from unnest(
          ${open.map(({ objectId }) => objectId)}::text[],
          ${open.map(({ holderId }) => holderId)}::text[]
        ) as n (id, holder)
        on conflict do nothing`.execute(trx);
      return added.size;
    },
    async remove(accountId, objectType, objectIds) {
      const { rows } = await sql<{ object_id: string }>`
        delete from objects where account_id = ${accountId} and object_type = ${objectType}
          and object_id = any (${objectIds}::text[])
        returning object_id`.execute(trx);
      touch({ accountId, objectType }, rows);
      return rows.length;
    },
    async lock(accountId, objectType, objectIds) {
      const { rows } = await sql<{ object_id: string; creator_id: string | null; entries: number }>`
        select object_id, creator_id, entries from objects
        where account_id = ${accountId} and object_type = ${objectType}
          and object_id = any (${objectIds}::text[])
        order by object_id for update`.execute(trx);
      return rows.map(({ object_id, creator_id, entries }) => ({
        objectId: object_id,
        creatorId: creator_id ?? undefined,
        isOrphan: entries === 0,
      }));
    },
    async share(objects, holderIds, action) {
      const { accountId, objectType, objectIds } = objects;
      const { rows } = await sql<{ object_id: string }>`
        insert into object_access as a (account_id, object_type, object_id, holder_id, can_modify)
        select ${accountId}, ${objectType}, o.id, h.id, ${action === "modify"}
        from unnest(${objectIds}::text[]) o (id), unnest(${holderIds}::text[]) h (id)
        group by o.id, h.id
        on conflict (account_id, object_type, object_id, holder_id)
        do update set can_modify = true where excluded.can_modify and not a.can_modify
        returning object_id`.execute(trx);
      touch(objects, rows);
      await recount(trx, objects);
      return rows.length > 0;
    },
    async unshare(objects, holderIds, action) {
      const { accountId, objectType, objectIds } = objects;
      const affected = sql`account_id = ${accountId} and object_type = ${objectType}
        and object_id = any (${objectIds}::text[]) and holder_id = any (${holderIds}::text[])`;
      const change =
        action === "view"
          ? sql`delete from object_access where ${affected}`
          : sql`update object_access set can_modify = false where can_modify and ${affected}`;
      const { rows } = await sql<{ object_id: string }>`${change} returning object_id`.execute(trx);
      touch(objects, rows);
      await recount(trx, objects);
      return rows.length > 0;
    },
    async replace(object, entries) {
      touched.add(objectScope(object));
      const { accountId, objectType, objectId } = object;
      await sql`delete from object_access where account_id = ${accountId}
        and object_type = ${objectType} and object_id = ${objectId}`.execute(trx);
      await sql`
        insert into object_access (account_id, object_type, object_id, holder_id, can_modify)
        select ${accountId}, ${objectType}, ${objectId}, n.holder, n.can_modify
        from unnest(
          ${entries.map(({ holderId }) => holderId)}::text[],
          ${entries.map((entry) => entry.action === "modify")}::boolean[]
        ) as n (holder, can_modify)`.execute(trx);
      await recount(trx, { accountId, objectType, objectIds: [objectId] });
    },
    facts: async (questions) => (await readFacts(trx, questions)).facts,
  };
}

/** Of objects that are locked: who takes entries away at the same time waits, and takes from what we count. */
async function recount(trx: Trx, { accountId, objectType, objectIds }: ObjectSet): Promise<void> {
  await sql`
    update objects o set entries = (
      select count(*) from object_access a where a.account_id = o.account_id
        and a.object_type = o.object_type and a.object_id = o.object_id
    )
    where o.account_id = ${accountId} and o.object_type = ${objectType}
      and o.object_id = any (${objectIds}::text[])`.execute(trx);
}

/**
 * Takes a principal or group that goes for ever out of every list; what is then open to nobody is an orphan. No object
 * is touched by it: nobody is ever again who it was, or in the group, whatever is remembered of the list.
 */
export async function removeHolder(trx: Trx, accountId: string, holderId: string): Promise<void> {
  await sql`
    with gone as (
      delete from object_access where account_id = ${accountId} and holder_id = ${holderId}
      returning object_type, object_id
    )
    update objects o set entries = o.entries - 1 from gone
    where o.account_id = ${accountId} and o.object_type = gone.object_type
      and o.object_id = gone.object_id`.execute(trx);
}
