import { inOrder, requireAssignable } from "./custom-role.ts";
import type { Effective } from "./effect.ts";
import { getGroup } from "./get-group.ts";
import { requireLevel } from "./grantable.ts";
import type { Group } from "./group.ts";
import type { GroupStore } from "./group-ports.ts";
import { type AccountId, everyoneId } from "./ids.ts";
import type { Mutation } from "./mutation.ts";
import type { Tx, UnitOfWork } from "./ports.ts";
import { lockGroup } from "./update-group.ts";

interface Deps {
  readonly work: UnitOfWork;
  readonly groups: GroupStore;
}

/** Which roles, and which group. */
export interface GroupRoles {
  readonly accountId: AccountId;
  readonly groupId: string;
  readonly roleIds: readonly string[];
}

/** Gives the group, Everyone too, all of the roles, whose permissions the actor holds, or none. */
export async function addGroupRoles(
  deps: Deps,
  mutation: Mutation,
  { accountId, groupId, roleIds }: GroupRoles,
  signal: AbortSignal,
): Promise<Effective<Group>> {
  const { effect } = await deps.work.once(
    mutation,
    async (tx) => {
      await lockAnyGroup(tx, accountId, groupId);
      await requireLevel(tx, mutation, await requireAssignable(tx, accountId, roleIds));
      const added = await tx.grants.assign(accountId, [groupId], inOrder(roleIds));
      if (added > 0) {
        const detail = { roleIds: inOrder(roleIds) };
        await tx.audit({ accountId, action: "group.add_roles", targetId: groupId, detail });
      }
      return { resourceId: groupId, value: undefined };
    },
    signal,
  );
  return { value: await getGroup(deps, accountId, groupId, signal), effect };
}

/** Takes those of the roles that the group has. */
export async function removeGroupRoles(
  deps: Deps,
  mutation: Mutation,
  { accountId, groupId, roleIds }: GroupRoles,
  signal: AbortSignal,
): Promise<Effective<Group>> {
  const { effect } = await deps.work.once(
    mutation,
    async (tx) => {
      await lockAnyGroup(tx, accountId, groupId);
      const removed = await tx.grants.unassign(accountId, [groupId], inOrder(roleIds));
      if (removed > 0) {
        const detail = { roleIds: inOrder(roleIds) };
        await tx.audit({ accountId, action: "group.remove_roles", targetId: groupId, detail });
      }
      return { resourceId: groupId, value: undefined };
    },
    signal,
  );
  return { value: await getGroup(deps, accountId, groupId, signal), effect };
}

async function lockAnyGroup(tx: Tx, accountId: AccountId, groupId: string): Promise<void> {
  if (groupId !== everyoneId) await lockGroup(tx, { accountId, groupId, etag: undefined });
}
