import { openDatabase } from "@portcullis/postgres";
import { type RawBuilder, sql } from "kysely";
import { permissionCount, permissionsOfRole, questionOf, roleCount } from "../peers/world.ts";

/** One question, and whether the answer is yes. */
export interface Asked {
  readonly accountId: string;
  readonly principalId: string;
  readonly permissionId: string;
  readonly isAllowed: boolean;
}

/** An account that questions are about. */
export interface World {
  readonly accountId: string;
  readonly principals: number;
  /** Straight into the tables, as the service's own changes would have left them. */
  readonly statements: readonly RawBuilder<unknown>[];
  /** The question with that number; half of them are answered with no. */
  question(number: number): Asked;
}

/** What backends have registered: `bench.permission0` to 199. */
const catalog = [
  sql`insert into catalog_namespaces (namespace, version, digest) values ('bench', 1, '')`,
  sql`insert into catalog_permissions (permission_id, namespace, description, retired)
    select 'bench.permission' || i, 'bench', '', false from generate_series(0, ${permissionCount - 1}::int) i`,
];

/** Everybody in so many groups of twice as many, and by them in ten roles of twenty, of two permissions each. */
export function worldOfGroups(groups: number, principals: number): World {
  const accountId = `acct_groups${groups}`;
  const rolesEach = 10;
  return {
    accountId,
    principals,
    statements: [
      ...accountOf(accountId, principals, 2 * rolesEach, 2 * groups),
      sql`insert into group_members select ${accountId}, 'grp_' || ((i % 2) * ${groups}::int + k), 'user_' || i
        from generate_series(0, ${principals - 1}::int) i, generate_series(0, ${groups - 1}::int) k`,
      sql`insert into role_assignments
        select ${accountId}, 'grp_' || (half * ${groups}::int + k * ${groups}::int / ${rolesEach}::int),
          'role_' || (half * ${rolesEach}::int + k)
        from generate_series(0, 1) half, generate_series(0, ${rolesEach - 1}::int) k`,
    ],
    question(number) {
      const principal = number % principals;
      const isAllowed = (number + Math.floor(number / principals)) % 2 === 0;
      const half = isAllowed ? principal % 2 : 1 - (principal % 2);
      const permission = (half * rolesEach + (number % rolesEach)) * permissionsOfRole + (principal % 2);
      return questionAbout(accountId, principal, permission, isAllowed);
    },
  };
}

/** So many principals, each in two of a hundred groups, each of which has one role of two permissions. */
export function worldOfPrincipals(principals: number): World {
  const accountId = `acct_principals${principals}`;
  const last = roleCount - 1;
  return {
    accountId,
    principals,
    statements: [
      ...accountOf(accountId, principals, roleCount, roleCount),
      // As rolesOf (peers/world.ts) tells it.
      sql`insert into group_members select ${accountId}, 'grp_' || number, 'user_' || i
        from generate_series(0, ${principals - 1}::int) i,
          unnest(array[i % ${roleCount}::int,
            (i % ${roleCount}::int + 1 + (i / ${roleCount}::int) % ${last}::int) % ${roleCount}::int]) number`,
      sql`insert into role_assignments select ${accountId}, 'grp_' || i, 'role_' || i
        from generate_series(0, ${last}::int) i`,
    ],
    question(number) {
      const { principal, permission, isAllowed } = questionOf(number, principals);
      return questionAbout(accountId, principal, permission, isAllowed);
    },
  };
}

export async function loadWorlds(url: string, worlds: readonly World[]): Promise<void> {
  const { db, close } = openDatabase<unknown>({
    url,
    applicationName: "bench",
    poolSizeMax: 1,
    statementTimeoutMs: 0,
    connectTimeoutMs: 10_000,
    onError: () => {},
  });
  for (const statement of [...catalog, ...worlds.flatMap(({ statements }) => statements), sql`analyze`]) {
    await statement.execute(db);
  }
  await close();
}

function accountOf(accountId: string, principals: number, roles: number, groups: number) {
  return [
    sql`insert into principals (account_id, principal_id, kind, state, version, super_admin)
      select ${accountId}, 'user_' || i, 'user', 'active', 1, false
      from generate_series(0, ${principals - 1}::int) i`,
    sql`insert into roles select ${accountId}, 'role_' || i, 'Role ' || i, 'role ' || i, '', 1, now(), now()
      from generate_series(0, ${roles - 1}::int) i`,
    sql`insert into role_permissions
      select ${accountId}, 'role_' || i / ${permissionsOfRole}::int, 'bench.permission' || i
      from generate_series(0, ${roles * permissionsOfRole - 1}::int) i`,
    sql`insert into groups select ${accountId}, 'grp_' || i, 'Group ' || i, 'group ' || i, '', 1, now(), now()
      from generate_series(0, ${groups - 1}::int) i`,
  ];
}

function questionAbout(accountId: string, principal: number, permission: number, isAllowed: boolean): Asked {
  return {
    accountId,
    principalId: `user_${principal}`,
    permissionId: `bench.permission${permission}`,
    isAllowed,
  };
}
