import * as fc from "fast-check";
import { type Kysely, sql } from "kysely";
import { builtInRoles } from "../domain/built-in-roles.ts";
import type { ObjectQuestion } from "../domain/decide.ts";
import type { AuthorizationSchema } from "../store/schema.ts";
import type { World } from "./naive-engine.ts";

export const principalIds = ["user_1", "user_2", "user_3", "svc_1", "svc_2"] as const;
const groupIds = ["grp_1", "grp_2", "grp_everyone"] as const;
const customRoleIds = ["role_1", "role_2", "role_3"] as const;
export const permissionIds = [
  "ingestion",
  "dashboard_management",
  "credential.credentials.write",
  "identity.members.invite",
  "installation.accounts.read",
  "shop.buy",
  "shop.sell",
  "no.such",
] as const;
export const objectTypes = ["dashboard", "shop.cart", "shop.till", "constructor"] as const;
export const objectIds = ["o1", "o2"] as const;
const builtInIds = builtInRoles.map(({ roleId }) => roleId);

const pairs = <A, B>(a: readonly A[], b: readonly B[], maxLength: number) =>
  fc.uniqueArray(fc.tuple(fc.constantFrom(...a), fc.constantFrom(...b)), {
    minLength: Math.floor(maxLength / 2),
    maxLength,
    selector: (pair) => pair.join(" "),
  });

export const worlds: fc.Arbitrary<World> = fc.record({
  account: fc.constantFrom(...Array(9).fill(undefined), ...Array(9).fill("active"), "suspended", "deleted"),
  scoped: fc.boolean(),
  principals: fc.tuple(
    ...principalIds.map((principalId) =>
      fc.record({
        principalId: fc.constant(principalId),
        state: fc.constantFrom("active", "active", "active", "active", "inactive", "locked", "deleted"),
        superAdmin: fc
          .integer({ min: 0, max: 9 })
          .map((dice) => dice === 0 && principalId.startsWith("user")),
      }),
    ),
  ),
  bound: pairs(principalIds, builtInIds, 4).map((all) => onePerAspect(all)),
  direct: pairs(principalIds, permissionIds, 10),
  rolePermissions: pairs(customRoleIds, permissionIds, 14),
  assigned: pairs(
    [...principalIds, ...groupIds],
    [...customRoleIds, "developer_read_only", "team_invite_only"] as const,
    12,
  ),
  members: pairs(["grp_1", "grp_2"] as const, principalIds, 7),
  objects: pairs(objectTypes, objectIds, 8),
  registered: fc.constant(["shop.buy"]),
  types: fc.constant([["shop.cart", "shop.buy"] as const]),
  access: fc.uniqueArray(
    fc.tuple(
      fc.constantFrom(...objectTypes),
      fc.constantFrom(...objectIds),
      fc.constantFrom(...principalIds, ...groupIds),
      fc.boolean(),
    ),
    { minLength: 10, maxLength: 30, selector: (row) => row.slice(0, 3).join(" ") },
  ),
});

const object: fc.Arbitrary<ObjectQuestion> = fc.record({
  objectType: fc.constantFrom(...objectTypes),
  objectId: fc.constantFrom(...objectIds),
  action: fc.constantFrom("view", "modify"),
});

export const question = fc.record({
  principalId: fc.constantFrom(...principalIds, "user_none"),
  asked: fc.oneof(
    fc.record({ permission: fc.constantFrom(...permissionIds), object: fc.constant(undefined) }),
    fc.record({ permission: fc.constant(undefined), object }),
    fc.record({ permission: fc.constantFrom(...permissionIds), object }),
  ),
});

function onePerAspect(all: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] {
  const aspectOf = (roleId: string) => builtInRoles.find((role) => role.roleId === roleId)?.aspect;
  return all.filter(
    ([id, roleId], index) =>
      all.findIndex(([other, otherRole]) => other === id && aspectOf(otherRole) === aspectOf(roleId)) ===
      index,
  );
}

/** What the worlds take to be registered. */
export async function loadCatalog(db: Kysely<AuthorizationSchema>): Promise<void> {
  await sql`insert into catalog_namespaces values ('shop', 1, '')`.execute(db);
  await sql`insert into catalog_permissions values
    ('shop.buy', 'shop', '', false), ('shop.sell', 'shop', '', true)`.execute(db);
  await sql`insert into catalog_object_types values
    ('shop.cart', 'shop', 'shop.buy', false), ('shop.till', 'shop', 'shop.buy', true)`.execute(db);
}

/** Writes the world as the service's own code would have left it. */
export async function load(db: Kysely<AuthorizationSchema>, accountId: string, world: World): Promise<void> {
  const rows = <T>(all: readonly T[], of: (one: T) => object) => JSON.stringify(all.map(of));
  const insert = async (table: string, json: string) => {
    await sql`insert into ${sql.table(table)}
      select * from jsonb_populate_recordset(null::${sql.table(table)}, ${json}::jsonb)`.execute(db);
  };
  const account_id = accountId;
  const at = { display_name: "", description: "", version: 1, created_at: "now", updated_at: "now" };
  await insert(
    "principals",
    rows(world.principals, ({ principalId, state, superAdmin }) => ({
      account_id,
      principal_id: principalId,
      kind: principalId.startsWith("svc") ? "service_user" : "user",
      state,
      version: 1,
      super_admin: superAdmin,
    })),
  );
  if (world.account !== undefined) {
    await insert(
      "accounts",
      rows([world.account], (state) => ({ account_id, state, version: 1, is_emptied: true })),
    );
  }
  if (world.scoped) {
    await sql`insert into account_policies values (${accountId}, 'scoped', 'everyone', '{}', '{}', 1)`.execute(
      db,
    );
  }
  await insert(
    "role_bindings",
    rows(world.bound, ([principal_id, role_id]) => ({
      account_id,
      principal_id,
      role_id,
      aspect: builtInRoles.find(({ roleId }) => roleId === role_id)?.aspect,
      created_at: "now",
    })),
  );
  await insert(
    "direct_permissions",
    rows(world.direct, ([principal_id, permission_id]) => ({ account_id, principal_id, permission_id })),
  );
  await insert(
    "roles",
    rows(customRoleIds, (role_id) => ({ account_id, role_id, name_key: role_id, ...at })),
  );
  await insert(
    "role_permissions",
    rows(world.rolePermissions, ([role_id, permission_id]) => ({ account_id, role_id, permission_id })),
  );
  await insert(
    "groups",
    rows(["grp_1", "grp_2"], (group_id) => ({ account_id, group_id, name_key: group_id, ...at })),
  );
  await insert(
    "group_members",
    rows(world.members, ([group_id, principal_id]) => ({ account_id, group_id, principal_id })),
  );
  await insert(
    "role_assignments",
    rows(world.assigned, ([holder_id, role_id]) => ({ account_id, holder_id, role_id })),
  );
  await insert(
    "objects",
    rows(world.objects, ([object_type, object_id]) => ({
      account_id,
      object_type,
      object_id,
      entries: 1,
      created_at: "now",
    })),
  );
  const isThere = (type: string, id: string) => world.objects.some(([t, o]) => t === type && o === id);
  await insert(
    "object_access",
    rows(
      world.access.filter(([type, id]) => isThere(type, id)),
      ([object_type, object_id, holder_id, can_modify]) => ({
        account_id,
        object_type,
        object_id,
        holder_id,
        can_modify,
      }),
    ),
  );
}
