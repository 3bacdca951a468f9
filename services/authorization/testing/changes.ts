import { newId } from "@portcullis/service";
import * as fc from "fast-check";
import { applyAccount } from "../domain/apply-account.ts";
import { applyPrincipal } from "../domain/apply-principal.ts";
import { builtInRoles } from "../domain/built-in-roles.ts";
import {
  assignRoles as assign,
  type Grants,
  grantPermissions as grant,
  revokePermissions as revoke,
  unassignRoles as unassign,
} from "../domain/change-grants.ts";
import { addGroupMembers, removeGroupMembers } from "../domain/change-group-members.ts";
import { addGroupRoles, removeGroupRoles } from "../domain/change-group-roles.ts";
import { createGroup } from "../domain/create-group.ts";
import { createRole } from "../domain/create-role.ts";
import { createRoleBinding } from "../domain/create-role-binding.ts";
import { deleteGroup } from "../domain/delete-group.ts";
import { deleteRole } from "../domain/delete-role.ts";
import { deleteRoleBinding } from "../domain/delete-role-binding.ts";
import { holdMember } from "../domain/hold-member.ts";
import { type AccountId, everyoneId, installationScope } from "../domain/ids.ts";
import { boundRolesOf, type MemberRoles } from "../domain/member-guard.ts";
import { registerObjects, unregisterObjects } from "../domain/register-objects.ts";
import { parseRegistration, registerPermissions } from "../domain/register-permissions.ts";
import { setMemberRoles } from "../domain/set-member-roles.ts";
import { rescueObjects, setObjectAccess, shareObjects, unshareObjects } from "../domain/share-objects.ts";
import { updateAccountPolicy } from "../domain/update-account-policy.ts";
import { updateGroup } from "../domain/update-group.ts";
import { updateRole } from "../domain/update-role.ts";
import type { Stores } from "../store/create-stores.ts";
import type { World } from "./naive-engine.ts";
import { identity, mutation, ref } from "./principals.ts";
import { objectIds, objectTypes, principalIds } from "./worlds.ts";

/** An account that changes: what it should be, and what a change needs to know beside. */
export interface Account {
  readonly accountId: AccountId;
  readonly world: World;
  readonly roleIds: readonly string[];
  readonly groupIds: readonly string[];
  readonly newObjects: "everyone" | "creator_only";
  readonly defaults: { readonly permissions: readonly string[]; readonly groups: readonly string[] };
}

export function newAccount(accountId: AccountId, world: Pick<World, "registered" | "types">): Account {
  const none = {
    bound: [],
    direct: [],
    rolePermissions: [],
    assigned: [],
    members: [],
    objects: [],
    access: [],
  };
  return {
    accountId,
    world: { ...world, ...none, account: undefined, scoped: false, principals: [] },
    roleIds: [],
    groupIds: [],
    newObjects: "everyone",
    defaults: { permissions: [], groups: [] },
  };
}

/** What a change is made of; each kind takes what it needs. */
export interface Dice {
  readonly principalId: string;
  readonly principals: readonly string[];
  readonly permissions: readonly string[];
  readonly builtIn: string;
  readonly values: MemberRoles;
  readonly state: "active" | "inactive" | "locked" | "deleted";
  readonly accountState: "active" | "suspended" | "deleted";
  readonly one: number;
  readonly objectType: string;
  readonly objects: readonly string[];
  readonly action: "view" | "modify";
  readonly isSo: boolean;
  readonly registered: readonly string[];
}

const grantable = ["ingestion", "dashboard_management", "credential.credentials.write", "shop.buy"] as const;
const few = <T>(all: readonly T[]) => fc.uniqueArray(fc.constantFrom(...all), { minLength: 1, maxLength: 3 });

export const dice: fc.Arbitrary<Dice> = fc.record({
  principalId: fc.constantFrom(...principalIds),
  principals: few(principalIds),
  permissions: few(grantable),
  builtIn: fc.constantFrom(...builtInRoles.map(({ roleId }) => roleId)),
  values: fc.record({
    developer: fc.constantFrom("developer_read_write", "developer_read_only"),
    team: fc.constantFrom("team_manager", "team_read_only"),
    billing: fc.constantFrom("billing_access", "billing_none"),
    administrator: fc.boolean(),
  }),
  state: fc.constantFrom(...Array(7).fill("active"), "inactive", "locked", "deleted"),
  accountState: fc.constantFrom(...Array(20).fill("active"), ...Array(4).fill("suspended"), "deleted"),
  one: fc.nat(),
  objectType: fc.constantFrom(...objectTypes.slice(0, 2)),
  objects: few(objectIds),
  action: fc.constantFrom("view", "modify"),
  isSo: fc.boolean(),
  registered: fc.subarray(["shop.buy", "shop.sell"]),
});

type Change = (stores: Stores, account: Account, dice: Dice) => Promise<Account>;

const { signal } = new AbortController();
const now = () => new Date();
let version = 1;

/** Every operation that changes something, by its method; rejects, having changed nothing, where it is refused. */
export const changes = {
  async applyPrincipal({ work }, account, { principalId, state, one }) {
    const { accountId, world, defaults } = account;
    const kind = principalId.startsWith("svc") ? "service_user" : "user";
    const superAdmin = kind === "user" && one % 6 === 0;
    const told = { ...ref(accountId, principalId), kind, state, version: version++, superAdmin } as const;
    await applyPrincipal({ work }, identity, told, signal);
    const known = world.principals.find(is(principalId));
    if (world.account === "deleted" || known?.state === "deleted") return account;
    const principals = [...world.principals.filter((other) => other !== known), told];
    const after = state === "deleted" ? without(world, principalId) : world;
    if (known !== undefined || kind !== "user" || state === "deleted") {
      return { ...account, world: { ...after, principals } };
    }
    const direct = merged(
      after.direct,
      defaults.permissions.map((id) => [principalId, id] as const),
    );
    const members = merged(
      after.members,
      defaults.groups.map((id) => [id, principalId] as const),
    );
    return { ...account, world: { ...after, principals, direct, members } };
  },
  async applyAccount({ work }, account, { accountState: state }) {
    const { accountId, world } = account;
    await applyAccount({ work }, identity, { accountId, state, version: version++ }, signal);
    return world.account === "deleted" ? account : { ...account, world: { ...world, account: state } };
  },
  async holdMember({ work }, account, { principalId }) {
    await holdMember({ work }, identity, ref(account.accountId, principalId), version + 1_000_000, signal);
    return account;
  },
  async createRoleBinding(stores, account, { principalId, builtIn }) {
    const { accountId, world } = account;
    await createRoleBinding(
      { ...stores, now },
      mutation(accountId),
      ref(accountId, principalId),
      builtIn,
      signal,
    );
    const others = world.bound.filter(
      ([id, roleId]) => id !== principalId || aspectOf(roleId) !== aspectOf(builtIn),
    );
    return { ...account, world: { ...world, bound: [...others, [principalId, builtIn]] } };
  },
  async deleteRoleBinding({ work }, account, { one }) {
    const { accountId, world } = account;
    const [principalId, roleId] = among(world.bound, one) ?? ["user_1", "administrator"];
    await deleteRoleBinding({ work }, mutation(accountId), ref(accountId, principalId), roleId, signal);
    return { ...account, world: { ...world, bound: lessened(world.bound, [[principalId, roleId]]) } };
  },
  async setMemberRoles(stores, account, { principalId, values }) {
    const { accountId, world } = account;
    await setMemberRoles(
      { ...stores, now },
      mutation(accountId),
      ref(accountId, principalId),
      values,
      signal,
    );
    const given = [...boundRolesOf(values).values()].map((roleId) => [principalId, roleId] as const);
    const others = world.bound.filter(([id]) => id !== principalId);
    return { ...account, world: { ...world, bound: [...others, ...given] } };
  },
  async createRole(stores, account, { permissions }) {
    const { accountId, world, roleIds } = account;
    const fields = { displayName: newId("name"), description: "", permissionIds: permissions };
    const { value } = await createRole(
      { ...stores, now, newId },
      mutation(accountId),
      accountId,
      fields,
      signal,
    );
    const rolePermissions = merged(world.rolePermissions, pairs([value.roleId], permissions));
    return { ...account, roleIds: [...roleIds, value.roleId], world: { ...world, rolePermissions } };
  },
  async updateRole(stores, account, { permissions, one }) {
    const { accountId, world } = account;
    const roleId = among(account.roleIds, one) ?? "role_none";
    const command = { accountId, roleId, etag: undefined };
    const deps = { ...stores, now, newId };
    await updateRole(deps, mutation(accountId), command, { permissionIds: permissions }, signal);
    const others = world.rolePermissions.filter(([id]) => id !== roleId);
    const rolePermissions = [...others, ...pairs([roleId], permissions)];
    return { ...account, world: { ...world, rolePermissions } };
  },
  async deleteRole({ work }, account, { one }) {
    const { accountId, world } = account;
    const roleId = among(account.roleIds, one) ?? "role_none";
    const command = { accountId, roleId, etag: undefined, force: true };
    await deleteRole({ work }, mutation(accountId), command, signal);
    const rolePermissions = world.rolePermissions.filter(([id]) => id !== roleId);
    const assigned = world.assigned.filter(([, id]) => id !== roleId);
    const roleIds = account.roleIds.filter((id) => id !== roleId);
    return { ...account, roleIds, world: { ...world, rolePermissions, assigned } };
  },
  async createGroup(stores, account) {
    const { accountId, groupIds } = account;
    const fields = { displayName: newId("name"), description: "" };
    const { value } = await createGroup(
      { ...stores, now, newId },
      mutation(accountId),
      accountId,
      fields,
      signal,
    );
    return { ...account, groupIds: [...groupIds, value.groupId] };
  },
  async updateGroup(stores, account, { one }) {
    const { accountId } = account;
    const command = { accountId, groupId: among(account.groupIds, one) ?? "grp_none", etag: undefined };
    const renamed = { displayName: newId("name") };
    await updateGroup({ ...stores, now, newId }, mutation(accountId), command, renamed, signal);
    return account;
  },
  async deleteGroup({ work }, account, { one }) {
    const { accountId, world, defaults } = account;
    const groupId = among(account.groupIds, one) ?? "grp_none";
    const command = { accountId, groupId, etag: undefined, force: true };
    await deleteGroup({ work }, mutation(accountId), command, signal);
    const groupIds = account.groupIds.filter((id) => id !== groupId);
    const groups = defaults.groups.filter((id) => id !== groupId);
    return { ...account, groupIds, defaults: { ...defaults, groups }, world: without(world, groupId) };
  },
  async addGroupMembers(stores, account, { principals, one }) {
    const { accountId, world } = account;
    const groupId = among(account.groupIds, one) ?? "grp_none";
    await addGroupMembers(
      stores,
      mutation(accountId),
      { accountId, groupId, principalIds: principals },
      signal,
    );
    return { ...account, world: { ...world, members: merged(world.members, pairs([groupId], principals)) } };
  },
  async removeGroupMembers(stores, account, { one }) {
    const { accountId, world } = account;
    const [groupId, principalId] = among(world.members, one) ?? ["grp_none", "user_1"];
    const membership = { accountId, groupId, principalIds: [principalId] };
    await removeGroupMembers(stores, mutation(accountId), membership, signal);
    return { ...account, world: { ...world, members: lessened(world.members, [[groupId, principalId]]) } };
  },
  async addGroupRoles(stores, account, { one }) {
    const { accountId, world } = account;
    const groupId = among([everyoneId, ...account.groupIds], one) ?? everyoneId;
    const roleIds = [among(assignable(account), one) ?? ""];
    await addGroupRoles(stores, mutation(accountId), { accountId, groupId, roleIds }, signal);
    return { ...account, world: { ...world, assigned: merged(world.assigned, pairs([groupId], roleIds)) } };
  },
  async removeGroupRoles(stores, account, { one }) {
    const { accountId, world } = account;
    const ofGroups = world.assigned.filter(([id]) => id.startsWith("grp_"));
    const [groupId, roleId] = among(ofGroups, one) ?? ["grp_none", "role_none"];
    await removeGroupRoles(stores, mutation(accountId), { accountId, groupId, roleIds: [roleId] }, signal);
    return { ...account, world: { ...world, assigned: lessened(world.assigned, [[groupId, roleId]]) } };
  },
  async grantPermissions({ work }, account, { principals, permissions }) {
    const { world } = account;
    await grant({ work }, ...grantsOf(account, principals, permissions), signal);
    return { ...account, world: { ...world, direct: merged(world.direct, pairs(principals, permissions)) } };
  },
  async revokePermissions({ work }, account, { one, permissions }) {
    const { world } = account;
    const principals = [among(world.direct, one)?.[0] ?? "user_1"];
    await revoke({ work }, ...grantsOf(account, principals, permissions), signal);
    return {
      ...account,
      world: { ...world, direct: lessened(world.direct, pairs(principals, permissions)) },
    };
  },
  async assignRoles({ work }, account, { principals, one }) {
    const { world } = account;
    const roleIds = [among(assignable(account), one) ?? ""];
    await assign({ work }, ...grantsOf(account, principals, roleIds), signal);
    return { ...account, world: { ...world, assigned: merged(world.assigned, pairs(principals, roleIds)) } };
  },
  async unassignRoles({ work }, account, { one }) {
    const { world } = account;
    const ofPrincipals = world.assigned.filter(([id]) => !id.startsWith("grp_"));
    const [principalId, roleId] = among(ofPrincipals, one) ?? ["user_1", "role_none"];
    await unassign({ work }, ...grantsOf(account, [principalId], [roleId]), signal);
    return { ...account, world: { ...world, assigned: lessened(world.assigned, [[principalId, roleId]]) } };
  },
  async updateAccountPolicy(stores, account, { isSo, action, permissions, one }) {
    const { accountId, world, groupIds } = account;
    const groups = one % 2 === 0 ? groupIds.slice(0, 1) : [];
    const newObjects = action === "view" ? "everyone" : "creator_only";
    const policy = {
      serviceUserPolicy: isSo ? "scoped" : "developer",
      newObjectAccess: newObjects,
      defaultPermissionIds: permissions,
      defaultGroupIds: groups,
    } as const;
    await updateAccountPolicy(stores, mutation(accountId), { accountId, etag: undefined }, policy, signal);
    return { ...account, newObjects, defaults: { permissions, groups }, world: { ...world, scoped: isSo } };
  },
  async registerObjects({ work }, account, { objectType, objects, principalId, isSo }) {
    const { accountId, world, newObjects } = account;
    const creatorId = isSo ? principalId : undefined;
    const added = objects.map((objectId) => ({ objectId, creatorId }));
    await registerObjects(
      { work, now },
      mutation(accountId),
      { accountId, objectType, objects: added },
      signal,
    );
    const holderId = newObjects === "everyone" ? everyoneId : creatorId;
    const news = objects.filter(
      (id) => !world.objects.some(([type, other]) => type === objectType && other === id),
    );
    const access = holderId === undefined ? [] : news.map((id) => [objectType, id, holderId, true] as const);
    return {
      ...account,
      world: {
        ...world,
        objects: merged(world.objects, pairs([objectType], news)),
        access: [...world.access, ...access],
      },
    };
  },
  async unregisterObjects({ work }, account, { objectType, objects }) {
    const { accountId, world } = account;
    await unregisterObjects(
      { work },
      mutation(accountId),
      { accountId, objectType, objectIds: objects },
      signal,
    );
    const access = world.access.filter(([type, id]) => type !== objectType || !objects.includes(id));
    return {
      ...account,
      world: { ...world, objects: lessened(world.objects, pairs([objectType], objects)), access },
    };
  },
  async shareObjects({ work }, account, { objectType, objects, principals, action, one }) {
    const share = shareOf(
      account,
      objectType,
      present(account, objectType, objects),
      holdersOf(account, principals, one),
      action,
    );
    await shareObjects({ work }, mutation(account.accountId), share, signal);
    return opened(account, objectType, share.objects.objectIds, share.holderIds, action === "modify");
  },
  async unshareObjects({ work }, account, { action, one }) {
    const { world } = account;
    const [objectType, objectId, holderId] = among(world.access, one) ?? ["dashboard", "none", everyoneId];
    const share = shareOf(account, objectType, [objectId], [holderId], action);
    await unshareObjects({ work }, mutation(account.accountId), share, signal);
    const access = world.access.flatMap((entry) => {
      const [type, id, holder] = entry;
      if (type !== objectType || id !== objectId || holder !== holderId) return [entry];
      return action === "view" ? [] : [[type, id, holder, false] as const];
    });
    return { ...account, world: { ...world, access } };
  },
  async setObjectAccess(stores, account, { objectType, objects, principals, action, one }) {
    const { accountId, world } = account;
    const objectId = objects[0] ?? "";
    const holderIds = one % 2 === 0 ? [] : holdersOf(account, principals, one);
    const entries = holderIds.map((holderId) => ({ holderId, action }));
    await setObjectAccess(stores, mutation(accountId), { accountId, objectType, objectId }, entries, signal);
    const others = world.access.filter(([type, id]) => type !== objectType || id !== objectId);
    const emptied = { ...account, world: { ...world, access: others } };
    return opened(emptied, objectType, [objectId], holderIds, action === "modify");
  },
  async rescueObjects({ work }, account, { principals, one }) {
    const { accountId, world } = account;
    const orphans = world.objects.filter(
      ([type, id]) => !world.access.some(([t, o]) => t === type && o === id),
    );
    const [objectType, objectId] = among(orphans, one) ?? ["dashboard", "none"];
    const holderIds = holdersOf(account, principals, one);
    const objects = { accountId, objectType, objectIds: [objectId] };
    await rescueObjects({ work }, mutation(accountId), objects, holderIds, signal);
    return opened(account, objectType, [objectId], holderIds, true);
  },
  async registerPermissions({ work }, account, { registered, isSo }) {
    const types = registered.length > 0 && isSo ? [["shop.cart", registered[0] ?? ""] as const] : [];
    const registration = parseRegistration({
      namespace: "shop",
      version: version++,
      permissions: registered.map((permissionId) => ({ permissionId, description: permissionId })),
      objectTypes: types.map(([objectType, modifyPermissionId]) => ({ objectType, modifyPermissionId })),
    });
    await registerPermissions({ work }, mutation(installationScope), registration, signal);
    return { ...account, world: { ...account.world, registered, types } };
  },
} satisfies Readonly<Record<string, Change>>;

type Pair = readonly [string, string];

function is(principalId: string): (one: { readonly principalId: string }) => boolean {
  return (one) => one.principalId === principalId;
}

/** Without a principal or group, which goes for ever. */
function without(world: World, holderId: string): World {
  return {
    ...world,
    bound: world.bound.filter(([id]) => id !== holderId),
    direct: world.direct.filter(([id]) => id !== holderId),
    assigned: world.assigned.filter(([id]) => id !== holderId),
    members: world.members.filter((pair) => !pair.includes(holderId)),
    access: world.access.filter(([, , id]) => id !== holderId),
  };
}

function opened(
  account: Account,
  objectType: string,
  objects: readonly string[],
  holderIds: readonly string[],
  canModify: boolean,
): Account {
  let { access } = account.world;
  for (const [objectId, holderId] of pairs(objects, holderIds)) {
    const isIt = (entry: World["access"][number]) =>
      entry[0] === objectType && entry[1] === objectId && entry[2] === holderId;
    const before = access.find(isIt);
    const entry = [objectType, objectId, holderId, canModify || before?.[3] === true] as const;
    access = [...access.filter((other) => !isIt(other)), entry];
  }
  return { ...account, world: { ...account.world, access } };
}

/** Those that there are; all if there are none. */
function present({ world }: Account, objectType: string, objects: readonly string[]): readonly string[] {
  const found = objects.filter((id) =>
    world.objects.some(([type, one]) => type === objectType && one === id),
  );
  return found.length === 0 ? objects : found;
}

function shareOf(
  { accountId }: Account,
  objectType: string,
  objects: readonly string[],
  holderIds: readonly string[],
  action: "view" | "modify",
) {
  return { objects: { accountId, objectType, objectIds: objects }, holderIds, action };
}

/** Principals, and a group or Everyone. */
function holdersOf({ groupIds }: Account, principals: readonly string[], one: number): readonly string[] {
  const group = among([undefined, undefined, everyoneId, ...groupIds], one);
  return group === undefined ? principals.slice(0, 1) : [group, ...principals.slice(1)];
}

function grantsOf(
  { accountId }: Account,
  principals: readonly string[],
  ids: readonly string[],
): [ReturnType<typeof mutation>, Grants] {
  return [mutation(accountId), { accountId, principalIds: principals, ids }];
}

function assignable({ roleIds }: Account): readonly string[] {
  return ["team_invite_only", ...roleIds];
}

function aspectOf(id: string): string | undefined {
  return builtInRoles.find(({ roleId }) => roleId === id)?.aspect;
}

function among<T>(all: readonly T[], one: number): T | undefined {
  return all[one % Math.max(1, all.length)];
}

function pairs(a: readonly string[], b: readonly string[]): readonly Pair[] {
  return a.flatMap((one) => b.map((other) => [one, other] as const));
}

function merged(before: readonly Pair[], added: readonly Pair[]): readonly Pair[] {
  return [...lessened(before, added), ...added];
}

function lessened(before: readonly Pair[], gone: readonly Pair[]): readonly Pair[] {
  return before.filter(([a, b]) => !gone.some(([c, d]) => a === c && b === d));
}
