import { each } from "../common/each.ts";
import { WavefrontError } from "./errors.ts";
import { type Account, batchesOf, principalIdOf } from "./find-accounts.ts";
import { type Held, heldBy, readGrants, toGrants } from "./holdings.ts";
import { everyoneId, fromUuid } from "./ids.ts";
import type { WavefrontCall } from "./operation.ts";
import { replacePermissions, toOwnPermissions } from "./permissions.ts";

/** Permissions, roles and groups, by our own ids. */
export interface Things {
  readonly permissionIds: readonly string[];
  readonly roleIds: readonly string[];
  readonly groupIds: readonly string[];
}

interface Change {
  readonly take: Things;
  readonly give: Things;
}

export const noThings: Things = { permissionIds: [], roleIds: [], groupIds: [] };

/** What an account is to hold; what is left out stays as it is. */
export interface Wanted {
  /** As this API names them. */
  readonly permissions?: readonly string[] | null | undefined;
  readonly roleIds?: readonly string[] | undefined;
  readonly groupIds?: readonly string[] | undefined;
}

/** Makes what an account holds directly that which is wanted. */
export async function setHoldings(call: WavefrontCall, account: Account, wanted: Wanted): Promise<void> {
  if (wanted.permissions == null && wanted.roleIds === undefined && wanted.groupIds === undefined) return;
  await changeHoldings(call, [account], (held) => {
    const before = { ...held, groupIds: held.groupIds.filter((id) => id !== everyoneId) };
    const after: Things = {
      permissionIds:
        wanted.permissions == null
          ? before.permissionIds
          : replacePermissions(before.permissionIds, wanted.permissions),
      roleIds: wanted.roleIds ?? before.roleIds,
      // Everybody is in Everyone, whether it is named or not.
      groupIds: wanted.groupIds?.filter((id) => id !== everyoneId) ?? before.groupIds,
    };
    return after;
  });
}

/** Gives accounts something beside what they have. */
export function addHoldings(
  call: WavefrontCall,
  accounts: readonly Account[],
  things: Things,
): Promise<void> {
  const permissionIds = toOwnPermissions(things.permissionIds);
  return changeHoldings(call, accounts, (held) => ({
    permissionIds: [...held.permissionIds, ...permissionIds],
    roleIds: [...held.roleIds, ...things.roleIds],
    groupIds: [...held.groupIds, ...things.groupIds],
  }));
}

/** Takes from accounts what they were given directly. Nobody leaves Everyone: 400. */
export function removeHoldings(
  call: WavefrontCall,
  accounts: readonly Account[],
  things: { readonly roleIds: readonly string[]; readonly groupIds: readonly string[] },
): Promise<void> {
  requireLeavable(things.groupIds);
  return changeHoldings(call, accounts, (held) => ({
    permissionIds: held.permissionIds,
    roleIds: held.roleIds.filter((id) => !things.roleIds.includes(id)),
    groupIds: held.groupIds.filter((id) => !things.groupIds.includes(id)),
  }));
}

/**
 * Brings each account from what it holds to what it is to hold: first what takes away, then what gives. Steps can be
 * repeated, so that a request that has failed in between is finished by sending it again.
 */
export async function changeHoldings(
  call: WavefrontCall,
  accounts: readonly Account[],
  plan: (held: Held) => Things,
): Promise<void> {
  const held = await heldBy(call, accounts);
  const steps = accounts.map((account, index) => {
    const before = held[index];
    if (before === undefined) throw new Error("an account without its holdings");
    return { account, change: difference(before, plan(before)) };
  });
  const ofGuests = steps.filter(({ account }) => account.is === "invited");
  await requireGrantable(
    call,
    ofGuests.flatMap(({ change }) => change.give.permissionIds),
  );
  for (const [change, ids] of together(steps)) await changePrincipals(call, ids, change);
  await each(steps, async ({ account, change }) => {
    if (account.is !== "invited" || isNothing(change)) return;
    const { invitation } = account;
    const present = readGrants(invitation);
    const apply = (ids: readonly string[], of: (things: Things) => readonly string[]) => {
      const kept = ids.filter((id) => !of(change.take).includes(id));
      return [...new Set([...kept, ...of(change.give)])];
    };
    const grants = toGrants({
      memberRoleIds: present.memberRoleIds,
      permissionIds: apply(present.permissionIds, ({ permissionIds }) => permissionIds),
      roleIds: apply(present.roleIds, ({ roleIds }) => roleIds),
      groupIds: apply(present.groupIds, ({ groupIds }) => groupIds),
    });
    const { invitationId } = invitation;
    await call.clients.invitations.updateInvitation({ invitationId, grants }, call.options);
  });
  call.directory.forget();
}

function difference(before: Things, after: Things): Change {
  const lacking = (one: readonly string[], other: readonly string[]) =>
    [...new Set(one)].filter((id) => !other.includes(id) && id !== everyoneId).toSorted();
  const between = (one: Things, other: Things): Things => ({
    permissionIds: lacking(one.permissionIds, other.permissionIds),
    roleIds: lacking(one.roleIds, other.roleIds),
    groupIds: lacking(one.groupIds, other.groupIds),
  });
  return { take: between(before, after), give: between(after, before) };
}

function isNothing({ take, give }: Change): boolean {
  return [take, give].every((things) => Object.values(things).every((ids) => ids.length === 0));
}

/** The principals that have the same change before them, so that many are changed at once. */
function together(
  steps: readonly { readonly account: Account; readonly change: Change }[],
): readonly (readonly [Change, readonly string[]])[] {
  const byChange = new Map<string, { readonly change: Change; readonly ids: string[] }>();
  for (const { account, change } of steps) {
    const id = principalIdOf(account);
    if (id === undefined || isNothing(change)) continue;
    const key = JSON.stringify(change);
    const known = byChange.get(key) ?? { change, ids: [] };
    known.ids.push(id);
    byChange.set(key, known);
  }
  return [...byChange.values()].map(({ change, ids }) => [change, ids] as const);
}

const principalsMax = 1_000;
const grantsMax = 100;

async function changePrincipals(
  { clients: { grants, groups }, options }: WavefrontCall,
  principals: readonly string[],
  { take, give }: Change,
): Promise<void> {
  for (const batch of batchesOf(principals, principalsMax)) {
    const principalIds = [...batch];
    for (const ids of batchesOf(take.permissionIds, grantsMax)) {
      await grants.revokePermissions({ principalIds, permissionIds: [...ids] }, options);
    }
    for (const ids of batchesOf(take.roleIds, grantsMax)) {
      await grants.unassignRoles({ principalIds, roleIds: [...ids] }, options);
    }
    for (const groupId of take.groupIds) await groups.removeGroupMembers({ groupId, principalIds }, options);
    for (const groupId of give.groupIds) await groups.addGroupMembers({ groupId, principalIds }, options);
    for (const ids of batchesOf(give.roleIds, grantsMax)) {
      await grants.assignRoles({ principalIds, roleIds: [...ids] }, options);
    }
    for (const ids of batchesOf(give.permissionIds, grantsMax)) {
      await grants.grantPermissions({ principalIds, permissionIds: [...ids] }, options);
    }
  }
}

export function requireLeavable(groupIds: readonly string[]): void {
  if (!groupIds.includes(everyoneId)) return;
  throw new WavefrontError(400, "Everybody is in Everyone: nobody can be taken out of it.", {
    code: "EVERYONE_FIXED",
  });
}

/**
 * 400 for a permission that can't be given. Asked where somebody is invited; where something is given at once, the
 * service itself refuses.
 */
export async function requireGrantable(
  { clients, options }: WavefrontCall,
  permissionIds: readonly string[],
): Promise<void> {
  if (permissionIds.length === 0) return;
  const { permissions } = await clients.catalog.listCatalogPermissions({}, options);
  const grantable = new Set(
    permissions
      .filter(({ permissionId, retired }) => !retired && !permissionId.startsWith("installation."))
      .map(({ permissionId }) => permissionId),
  );
  if (permissionIds.every((id) => grantable.has(id))) return;
  throw new WavefrontError(400, "There is no such permission, or it can't be given. Nothing was changed.", {
    code: "PERMISSION_NOT_FOUND",
  });
}

/** Our ids of roles that a body names. What is not there is an error of the body: 400. */
export async function knownRoleIds(
  call: WavefrontCall,
  uuids: readonly string[] | null | undefined,
): Promise<readonly string[] | undefined> {
  if (uuids == null) return undefined;
  const roles = uuids.length === 0 ? new Map() : await call.directory.roles();
  return uuids.map((uuid) => requireKnown(roles, fromUuid("role", uuid), "role"));
}

/** As knownRoleIds, of groups. */
export async function knownGroupIds(
  call: WavefrontCall,
  uuids: readonly string[] | null | undefined,
): Promise<readonly string[] | undefined> {
  if (uuids == null) return undefined;
  const groups = uuids.length === 0 ? new Map() : await call.directory.groups();
  return uuids.map((uuid) => requireKnown(groups, fromUuid("grp", uuid), "user group"));
}

function requireKnown(known: ReadonlyMap<string, unknown>, id: string | undefined, noun: string): string {
  if (id !== undefined && known.has(id)) return id;
  throw new WavefrontError(400, `The body names a ${noun} that there is not. Nothing was changed.`);
}
