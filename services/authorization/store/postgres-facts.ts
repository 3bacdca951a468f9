import { createHash } from "node:crypto";
import type { LogPosition } from "@portcullis/coherence";
import { logPosition, readHead } from "@portcullis/coherence/postgres";
import { type Kysely, sql } from "kysely";
import type { AccountPolicy } from "../domain/account-policy.ts";
import { everyoneId, type PrincipalRef } from "../domain/ids.ts";
import type { ObjectKey } from "../domain/object-access.ts";
import type { OpenTo, RegisteredCatalog, Standing } from "../domain/standing.ts";
import { compileWays, type Membership, type Ways } from "../domain/way.ts";
import type { FactsSource, FoundObject, FoundStanding, ReadAt } from "./facts-source.ts";
import { readFacts } from "./postgres-subjects.ts";
import { type PrincipalRow, toPrincipal } from "./rows.ts";
import type { AuthorizationSchema } from "./schema.ts";

type Db = Kysely<AuthorizationSchema>;

/** Groups and custom roles of a principal, and entries of an object: many of these are read in one statement. */
const listedMax = 1_000;
/** Of a principal, where few are read in one statement; who has more is read anew for each question. */
const longListedMax = 20_000;
const permissionsMax = 10_000;

/** What decisions are made from, in Postgres. */
export function createPostgresFacts(db: Db): FactsSource {
  const ways = new SharedWays();
  return {
    standings: (refs, signal) => readStandings(db, ways, refs, listedMax, signal),
    longStandings: (refs, signal) => readStandings(db, ways, refs, longListedMax, signal),
    objects: (keys, signal) => readObjects(db, keys, signal),
    catalog: (signal) => readCatalog(db, signal),
    async facts(questions, signal) {
      if (questions.length === 0) return { facts: [], readAt: (await readHead(db, { signal })).at };
      return readFacts(db, questions, { signal });
    },
  };
}

interface StandingRow extends PrincipalRow {
  read_at: LogPosition;
  account_state: Standing["accountState"];
  service_user_policy: AccountPolicy["serviceUserPolicy"];
  bound: string[];
  direct: string[];
  group_ids: string[];
  role_ids: string[];
  custom: string[];
}

type NobodyRow = { read_at: LogPosition; principal_id: null };

/** In one statement, so one snapshot; for each principal some probes of indexes, and its own rows. */
async function readStandings(
  db: Db,
  shared: SharedWays,
  refs: readonly PrincipalRef[],
  idsMax: number,
  signal: AbortSignal,
): Promise<ReadAt<FoundStanding>> {
  const { rows } = await sql<StandingRow | NobodyRow>`
    select
      ${logPosition} as read_at,
      coalesce((select s.state from accounts s where s.account_id = q.account_id), 'active') as account_state,
      coalesce((select y.service_user_policy from account_policies y
        where y.account_id = q.account_id), 'developer') as service_user_policy,
      p.*,
      array(select b.role_id from role_bindings b
        where b.account_id = q.account_id and b.principal_id = q.principal_id order by 1) as bound,
      array(select d.permission_id from direct_permissions d
        where d.account_id = q.account_id and d.principal_id = q.principal_id
        order by 1 limit ${permissionsMax + 1}) as direct,
      g.ids as group_ids,
      r.ids as role_ids,
      array(select distinct c.permission_id from role_permissions c
        where c.account_id = q.account_id and c.role_id = any (r.ids)
        order by 1 limit ${permissionsMax + 1}) as custom
    from unnest(
      ${refs.map(({ accountId }) => accountId)}::text[],
      ${refs.map(({ principalId }) => principalId)}::text[]
    ) with ordinality as q (account_id, principal_id, ordinal)
    left join lateral (
      select s.* from principals s
      where s.account_id = q.account_id and s.principal_id = q.principal_id limit 1
    ) p on true
    cross join lateral (
      select array(select m.group_id from group_members m
        where m.account_id = q.account_id and m.principal_id = q.principal_id
        order by 1 limit ${idsMax + 1}) as ids offset 0
    ) g
    cross join lateral (
      select array(select distinct a.role_id from role_assignments a
        where a.account_id = q.account_id
          and a.holder_id = any (array[q.principal_id, ${everyoneId}]::text[] || g.ids)
        order by 1 limit ${idsMax + 1}) as ids offset 0
    ) r
    order by q.ordinal`.execute(db, { signal });
  return readAtOf(rows, (row) => (row.principal_id === null ? "unknown" : toStanding(row, shared, idsMax)));
}

function toStanding(row: StandingRow, shared: SharedWays, idsMax: number): FoundStanding {
  const isTooLong =
    row.group_ids.length > idsMax ||
    row.role_ids.length > idsMax ||
    row.direct.length > permissionsMax ||
    row.custom.length > permissionsMax;
  if (isTooLong) return "too_long";
  const principal = toPrincipal(row);
  // Those that are not built in have been looked into: what they give is `custom`.
  const customRoleIds = row.role_ids.filter((roleId) => roleId.startsWith("role_"));
  const assignedRoleIds = row.role_ids.filter((roleId) => !roleId.startsWith("role_"));
  const membership = {
    kind: principal.kind,
    serviceUserPolicy: row.service_user_policy,
    boundRoleIds: row.bound,
    assignedRoleIds,
  };
  return {
    accountState: row.account_state,
    principal,
    serviceUserPolicy: row.service_user_policy,
    ...shared.of(membership, row.direct, row.custom),
    holderIds: new Set([principal.principalId, everyoneId, ...row.group_ids]),
    customRoleIds,
  };
}

/** What several principals hold alike is kept once, as long as anybody has it. */
class SharedWays {
  readonly #known = new Map<string, WeakRef<Ways>>();
  readonly #gone = new FinalizationRegistry<string>((key) => {
    if (this.#known.get(key)?.deref() === undefined) this.#known.delete(key);
  });

  of(
    membership: Membership,
    direct: readonly string[],
    custom: readonly string[],
  ): { readonly ways: Ways; readonly waysBytes: number } {
    const { kind, serviceUserPolicy, boundRoleIds, assignedRoleIds } = membership;
    const all = JSON.stringify([kind, serviceUserPolicy, boundRoleIds, assignedRoleIds, direct, custom]);
    const key = createHash("sha256").update(all).digest("base64");
    const known = this.#known.get(key)?.deref();
    if (known !== undefined) return { ways: known, waysBytes: 0 };
    const ways = compileWays(membership, new Set(direct), new Set(custom));
    this.#known.set(key, new WeakRef(ways));
    this.#gone.register(ways, key);
    return { ways, waysBytes: 500 + 100 * ways.byPermission.size };
  }
}

interface ObjectRow {
  read_at: LogPosition;
  object_exists: boolean;
  account_deleted: boolean;
  open_to: [string, boolean][] | null;
}

async function readObjects(
  db: Db,
  keys: readonly ObjectKey[],
  signal: AbortSignal,
): Promise<ReadAt<FoundObject>> {
  const { rows } = await sql<ObjectRow>`
    select
      ${logPosition} as read_at,
      coalesce((select true from objects o where o.account_id = q.account_id
        and o.object_type = q.object_type and o.object_id = q.object_id limit 1), false) as object_exists,
      coalesce((select s.state = 'deleted' from accounts s
        where s.account_id = q.account_id), false) as account_deleted,
      (select jsonb_agg(jsonb_build_array(e.holder_id, e.can_modify)) from (
        select a.holder_id, a.can_modify from object_access a where a.account_id = q.account_id
          and a.object_type = q.object_type and a.object_id = q.object_id
        limit ${listedMax + 1}) e) as open_to
    from unnest(
      ${keys.map(({ accountId }) => accountId)}::text[],
      ${keys.map(({ objectType }) => objectType)}::text[],
      ${keys.map(({ objectId }) => objectId)}::text[]
    ) with ordinality as q (account_id, object_type, object_id, ordinal)
    order by q.ordinal`.execute(db, { signal });
  return readAtOf(rows, ({ object_exists, account_deleted, open_to }): FoundObject => {
    // What a deleted account has left goes bit by bit, and the log is not told.
    if (account_deleted) return "unsteady";
    if (!object_exists) return "unknown";
    const openTo: OpenTo = new Map(open_to ?? []);
    return openTo.size > listedMax ? "too_long" : openTo;
  });
}

async function readCatalog(
  db: Db,
  signal: AbortSignal,
): Promise<{ readonly catalog: RegisteredCatalog; readonly readAt: LogPosition }> {
  const { rows } = await sql<{ read_at: LogPosition; ids: string[]; types: [string, string][] | null }>`
    select ${logPosition} as read_at,
      array(select k.permission_id from catalog_permissions k where not k.retired) as ids,
      (select jsonb_agg(jsonb_build_array(t.object_type, t.modify_permission_id))
        from catalog_object_types t where not t.retired) as types`.execute(db, { signal });
  const [row] = rows;
  if (row === undefined) throw new Error("the catalogue was not read");
  const modifyPermissionIds = new Map(row.types ?? []);
  return { catalog: { permissionIds: new Set(row.ids), modifyPermissionIds }, readAt: row.read_at };
}

/** There is a row for each that was asked for. */
function readAtOf<Row extends { readonly read_at: LogPosition }, Found>(
  rows: readonly Row[],
  toFound: (row: Row) => Found,
): ReadAt<Found> {
  const [first] = rows;
  if (first === undefined) throw new Error("nothing was asked for");
  return { found: rows.map(toFound), readAt: first.read_at };
}
