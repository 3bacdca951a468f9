import type { LogPosition } from "@portcullis/coherence";
import { logPosition } from "@portcullis/coherence/postgres";
import { transact } from "@portcullis/postgres";
import { type Kysely, sql } from "kysely";
import { builtInObjectTypes } from "../domain/catalog.ts";
import type { Facts, FactsQuestion } from "../domain/decide.ts";
import type { SubjectStore } from "../domain/decision-ports.ts";
import { everyoneId } from "../domain/ids.ts";
import type { Principal } from "../domain/principal.ts";
import { wayOf } from "../domain/way.ts";
import { readHoldings } from "./read-holdings.ts";
import { readManyHoldings } from "./read-many-holdings.ts";
import { toPrincipal } from "./rows.ts";
import type { AuthorizationSchema } from "./schema.ts";

type Db = Kysely<AuthorizationSchema>;

/** Decides nothing: reads what decisions rest on. */
export function createPostgresSubjects(db: Db): SubjectStore {
  return {
    find: (ref, signal) => readHoldings(db, ref, { signal }),
    findMany: (accountId, principalIds, signal) => readManyHoldings(db, accountId, principalIds, signal),
    explain: (question, signal) =>
      transact(
        db,
        async (trx) => {
          const { facts } = await readFacts(trx, [question]);
          const { holdings, revision } = await readHoldings(trx, question.subject);
          const holderIds = await readObjectHolders(trx, question);
          return { facts: facts[0], holdings, holderIds, revision };
        },
        // One snapshot for all its statements.
        { signal, isolation: "repeatable read" },
      ),
  };
}

interface Row {
  read_at: LogPosition;
  account_state: Facts["accountState"];
  principal_id: string | null;
  account_id: string;
  kind: Principal["kind"];
  state: Principal["state"];
  version: number;
  super_admin: boolean;
  service_user_policy: Facts["serviceUserPolicy"];
  bound: string[];
  assigned: string[];
  registered: boolean;
  direct: boolean;
  by_custom_role: boolean;
  type_permission_id: string | null;
  type_registered: boolean;
  type_direct: boolean;
  type_by_custom_role: boolean;
  object_exists: boolean;
  can_modify: boolean | null;
}

// Scalar subqueries, not EXISTS: for many questions the planner would answer that one by hashing the whole table.
// The limits keep it from starting at all the roles that have the permission: from the subject's own roles on it is
// a handful of probes, however large the account is.
const registeredSql = (id: string) =>
  sql.raw(`coalesce((
  select true from catalog_permissions k where k.permission_id = ${id} and not k.retired limit 1), false)`);

const directSql = (id: string) =>
  sql.raw(`coalesce((
  select true from direct_permissions d
  where d.account_id = q.account_id and d.principal_id = q.principal_id and d.permission_id = ${id}
  limit 1), false)`);

const byCustomRoleSql = (id: string) =>
  sql.raw(`coalesce((
  select true from role_assignments a cross join lateral (
    select 1 from role_permissions c
    where c.account_id = a.account_id and c.role_id = a.role_id and c.permission_id = ${id} limit 1
  ) x
  where a.account_id = q.account_id and a.holder_id = any (h.ids) limit 1), false)`);

/**
 * In one statement, so that all of it is of one moment; each question costs probes of indexes and no more. At least one
 * question.
 */
export async function readFacts(
  db: Db,
  questions: readonly FactsQuestion[],
  options: { readonly signal?: AbortSignal } = {},
): Promise<{ readonly facts: readonly (Facts | undefined)[]; readonly readAt: LogPosition }> {
  // Postgres takes no NUL in a text; what has one is nobody and nothing.
  const texts = (of: (question: FactsQuestion) => string) =>
    questions.map(of).map((text) => (text.includes("\0") ? "" : text));
  const { rows } = await sql<Row>`
    select
      ${logPosition} as read_at,
      coalesce((select s.state from accounts s where s.account_id = q.account_id), 'active') as account_state,
      p.*,
      coalesce((select y.service_user_policy from account_policies y
        where y.account_id = q.account_id), 'developer') as service_user_policy,
      array(select b.role_id from role_bindings b
        where b.account_id = q.account_id and b.principal_id = q.principal_id) as bound,
      array(select distinct a.role_id from role_assignments a
        where a.account_id = q.account_id and a.holder_id = any (h.ids)
          and left(a.role_id, 5) <> 'role_') as assigned,
      ${registeredSql("q.permission_id")} as registered,
      ${directSql("q.permission_id")} as direct,
      ${byCustomRoleSql("q.permission_id")} as by_custom_role,
      t.permission_id as type_permission_id,
      ${registeredSql("t.permission_id")} as type_registered,
      ${directSql("t.permission_id")} as type_direct,
      ${byCustomRoleSql("t.permission_id")} as type_by_custom_role,
      coalesce((select true from objects o where o.account_id = q.object_account_id
        and o.object_type = q.object_type and o.object_id = q.object_id limit 1), false) as object_exists,
      (select bool_or(o.can_modify) from object_access o where o.account_id = q.object_account_id
        and o.object_type = q.object_type and o.object_id = q.object_id
        and o.holder_id = any (h.ids)) as can_modify
    from unnest(
      ${texts(({ subject }) => subject.accountId)}::text[],
      ${texts(({ subject }) => subject.principalId)}::text[],
      ${texts(({ permission }) => permission ?? "")}::text[],
      ${texts(({ accountId }) => accountId)}::text[],
      ${texts(({ object }) => object?.objectType ?? "")}::text[],
      ${texts(({ object }) => object?.objectId ?? "")}::text[],
      ${texts(({ object }) => builtInObjectTypes.get(object?.objectType ?? "") ?? "")}::text[]
    ) with ordinality as q (account_id, principal_id, permission_id, object_account_id,
      object_type, object_id, built_in_permission_id, ordinal)
    left join lateral (
      select s.* from principals s
      where s.account_id = q.account_id and s.principal_id = q.principal_id limit 1
    ) p on true
    cross join lateral (
      select array[q.principal_id, ${everyoneId}] || array(
        select m.group_id from group_members m
        where m.account_id = q.account_id and m.principal_id = q.principal_id
      ) as ids offset 0
    ) h
    cross join lateral (
      select coalesce(nullif(q.built_in_permission_id, ''), (
        select t.modify_permission_id from catalog_object_types t
        where t.object_type = q.object_type and not t.retired
      )) as permission_id offset 0
    ) t
    order by q.ordinal`.execute(db, options);
  const [first] = rows;
  if (first === undefined) throw new Error("there was no question");
  return { facts: rows.map((row, index) => toFacts(row, questions[index])), readAt: first.read_at };
}

function toFacts(row: Row, question: FactsQuestion | undefined): Facts | undefined {
  const { principal_id } = row;
  if (principal_id === null || question === undefined) return undefined;
  const membership = {
    kind: row.kind,
    serviceUserPolicy: row.service_user_policy,
    boundRoleIds: row.bound,
    assignedRoleIds: row.assigned,
  };
  const needed = (permissionId: string | null | undefined, registered: boolean, held: Held) => {
    if (permissionId === undefined || permissionId === null) return undefined;
    return { permissionId, registered, way: wayOf(membership, { permissionId, registered, ...held }) };
  };
  return {
    accountState: row.account_state,
    principal: toPrincipal({ ...row, principal_id }),
    serviceUserPolicy: row.service_user_policy,
    permission: needed(question.permission, row.registered, {
      direct: row.direct,
      byCustomRole: row.by_custom_role,
    }),
    typePermission: needed(row.type_permission_id, row.type_registered, {
      direct: row.type_direct,
      byCustomRole: row.type_by_custom_role,
    }),
    access: accessOf(row),
  };
}

interface Held {
  readonly direct: boolean;
  readonly byCustomRole: boolean;
}

function accessOf({ object_exists, can_modify }: Row): Facts["access"] {
  if (!object_exists) return "unknown_object";
  if (can_modify === null) return "none";
  return can_modify ? "modify" : "view";
}

/** The subject, and the groups that it is in, for which the object is open enough. */
async function readObjectHolders(db: Db, { subject, object }: FactsQuestion): Promise<readonly string[]> {
  if (object === undefined) return [];
  const { rows } = await sql<{ holder_id: string }>`
    select o.holder_id from object_access o
    where o.account_id = ${subject.accountId} and o.object_type = ${object.objectType}
      and o.object_id = ${object.objectId} and (o.can_modify or ${object.action === "view"})
      and o.holder_id = any (array[${subject.principalId}, ${everyoneId}]::text[] || array(
        select m.group_id from group_members m
        where m.account_id = ${subject.accountId} and m.principal_id = ${subject.principalId}))
    order by o.holder_id`.execute(db);
  return rows.map(({ holder_id }) => holder_id);
}
