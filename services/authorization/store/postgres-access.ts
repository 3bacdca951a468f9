import { readHead } from "@portcullis/coherence/postgres";
import { encodePageToken, transact } from "@portcullis/postgres";
import { type Kysely, sql } from "kysely";
import type { Question } from "../domain/decide.ts";
import type { AccessStore } from "../domain/decision-ports.ts";
import { type AccountId, everyoneId, type PrincipalId, type PrincipalRef } from "../domain/ids.ts";
import type { ObjectAction } from "../domain/object-access.ts";
import { positionOf } from "./pages.ts";
import { readFacts } from "./postgres-subjects.ts";
import type { AuthorizationSchema } from "./schema.ts";

type Db = Kysely<AuthorizationSchema>;

/** How many principals a page looks at, at most: so many probes are quick, and bound what a page costs. */
const candidatesMax = 1_000;

export function createPostgresAccess(db: Db): AccessStore {
  const atOneMoment = <T>(signal: AbortSignal, read: (trx: Db) => Promise<T>) =>
    transact(db, read, { signal, isolation: "repeatable read" });
  return {
    objectsOf: (subject, objectType, action, after, limit, signal) =>
      atOneMoment(signal, async (trx) => {
        const object = { objectType, objectId: "", action };
        const { accountId } = subject;
        const question = { subject, accountId, permission: undefined, object };
        const { facts, readAt } = await readFacts(trx, [question]);
        const isAll = facts[0]?.principal.superAdmin === true;
        const objectIds = isAll
          ? await allObjects(trx, accountId, objectType, after, limit)
          : await openObjects(trx, subject, objectType, action, after, limit);
        return { facts: facts[0], objectIds, revision: readAt.position };
      }),
    candidates: (accountId, question, page, signal) =>
      atOneMoment(signal, async (trx) => {
        const filter = ["subjects", accountId, question.permission ?? "", question.object ?? null];
        const after = positionOf(page, filter) ?? "";
        const principalIds = await candidateIds(trx, accountId, question, after);
        const questions = principalIds.map((principalId) => ({
          ...question,
          // It was one when it was written.
          subject: { accountId, principalId: principalId as PrincipalId },
        }));
        const { facts } = questions.length === 0 ? { facts: [] } : await readFacts(trx, questions);
        const candidates = principalIds.map((principalId, index) => ({ principalId, facts: facts[index] }));
        return {
          candidates,
          tokenAfter: (index) => encodePageToken(principalIds[index] ?? after, JSON.stringify(filter)),
          isLast: principalIds.length < candidatesMax,
          revision: (await readHead(trx)).at.position,
        };
      }),
  };
}

/** Each holder's next ids come out of the index in order, so that a page costs its own length for each holder. */
async function openObjects(
  db: Db,
  { accountId, principalId }: PrincipalRef,
  objectType: string,
  action: ObjectAction,
  after: string,
  limit: number,
): Promise<readonly string[]> {
  const { rows } = await sql<{ object_id: string }>`
    select distinct o.object_id from (
      select ${principalId}::text as id union all select ${everyoneId} union all
      select m.group_id from group_members m
      where m.account_id = ${accountId} and m.principal_id = ${principalId}
    ) h cross join lateral (
      select a.object_id from object_access a
      where a.account_id = ${accountId} and a.holder_id = h.id and a.object_type = ${objectType}
        and a.object_id > ${after} and (a.can_modify or ${action === "view"})
      order by a.object_id limit ${limit}
    ) o
    order by o.object_id limit ${limit}`.execute(db);
  return rows.map(({ object_id }) => object_id);
}

async function allObjects(
  db: Db,
  accountId: AccountId,
  objectType: string,
  after: string,
  limit: number,
): Promise<readonly string[]> {
  const { rows } = await sql<{ object_id: string }>`
    select object_id from objects
    where account_id = ${accountId} and object_type = ${objectType} and object_id > ${after}
    order by object_id limit ${limit}`.execute(db);
  return rows.map(({ object_id }) => object_id);
}

/** Who may come into question: of an object that is not open to Everyone only who it is open to, and operators. */
async function candidateIds(
  db: Db,
  accountId: AccountId,
  { object }: Question,
  after: string,
): Promise<readonly string[]> {
  const everybody = sql`
    select p.principal_id from principals p
    where p.account_id = ${accountId} and p.principal_id > ${after} and p.state = 'active'
    order by p.principal_id limit ${candidatesMax}`;
  if (object === undefined || (await isOpenToEveryone(db, accountId, object))) {
    const { rows } = await sql<{ principal_id: string }>`${everybody}`.execute(db);
    return rows.map(({ principal_id }) => principal_id);
  }
  const { rows } = await sql<{ principal_id: string }>`
    select distinct c.principal_id from (
      (select a.holder_id as principal_id from object_access a
        where a.account_id = ${accountId} and a.object_type = ${object.objectType}
          and a.object_id = ${object.objectId} and a.holder_id > ${after}
          and left(a.holder_id, 4) <> 'grp_'
        order by a.holder_id limit ${candidatesMax})
      union all
      select m.principal_id from object_access a cross join lateral (
        select g.principal_id from group_members g
        where g.account_id = a.account_id and g.group_id = a.holder_id and g.principal_id > ${after}
        order by g.principal_id limit ${candidatesMax}
      ) m
      where a.account_id = ${accountId} and a.object_type = ${object.objectType}
        and a.object_id = ${object.objectId} and left(a.holder_id, 4) = 'grp_'
      union all
      (select p.principal_id from principals p
        where p.account_id = ${accountId} and p.super_admin and p.principal_id > ${after}
        order by p.principal_id limit ${candidatesMax})
    ) c
    order by c.principal_id limit ${candidatesMax}`.execute(db);
  return rows.map(({ principal_id }) => principal_id);
}

async function isOpenToEveryone(
  db: Db,
  accountId: AccountId,
  { objectType, objectId }: { readonly objectType: string; readonly objectId: string },
): Promise<boolean> {
  const { rows } = await sql`
    select 1 from object_access where account_id = ${accountId} and object_type = ${objectType}
      and object_id = ${objectId} and holder_id = ${everyoneId}`.execute(db);
  return rows.length > 0;
}
