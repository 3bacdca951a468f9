import { presentGroup } from "./create-group.ts";
import { inOrder, requireAssignable } from "./custom-role.ts";
import type { Effective } from "./effect.ts";
import { requireLevel } from "./grantable.ts";
import type { NamedGroup } from "./group.ts";
import type { GroupStore } from "./group-ports.ts";
import type { AccountId } from "./ids.ts";
import type { Mutation } from "./mutation.ts";
import type { UnitOfWork } from "./ports.ts";
import { requirePrincipals } from "./require-principals.ts";
import { lockGroup } from "./update-group.ts";

interface Deps {
  readonly work: UnitOfWork;
  readonly groups: GroupStore;
}

/** Which principals, and which group. */
export interface Membership {
  readonly accountId: AccountId;
  readonly groupId: string;
  readonly principalIds: readonly string[];
}

/** Puts all of them into the group, whose permissions the actor holds, or none. */
export async function addGroupMembers(
  deps: Deps,
  mutation: Mutation,
  { accountId, groupId, principalIds }: Membership,
  signal: AbortSignal,
): Promise<Effective<NamedGroup>> {
  const { effect } = await deps.work.once(
    mutation,
    async (tx) => {
      await requirePrincipals(tx, accountId, principalIds);
      const group = await lockGroup(tx, { accountId, groupId, etag: undefined });
      // To be put into a group is to be given what it has.
      await requireLevel(tx, mutation, await requireAssignable(tx, accountId, group.roleIds));
      const added = await tx.groups.addMembers(accountId, groupId, inOrder(principalIds));
      if (added > 0) {
        const detail = { principalIds: inOrder(principalIds) };
        await tx.audit({ accountId, action: "group.add_members", targetId: groupId, detail });
      }
      return { resourceId: groupId, value: undefined };
    },
    signal,
  );
  return { value: await presentGroup(deps, accountId, groupId, signal), effect };
}

/** Takes those of them that are in the group out of it. */
export async function removeGroupMembers(
  deps: Deps,
  mutation: Mutation,
  { accountId, groupId, principalIds }: Membership,
  signal: AbortSignal,
): Promise<Effective<NamedGroup>> {
  const { effect } = await deps.work.once(
    mutation,
    async (tx) => {
      await lockGroup(tx, { accountId, groupId, etag: undefined });
      const removed = await tx.groups.removeMembers(accountId, groupId, inOrder(principalIds));
      if (removed > 0) {
        const detail = { principalIds: inOrder(principalIds) };
        await tx.audit({ accountId, action: "group.remove_members", targetId: groupId, detail });
      }
      return { resourceId: groupId, value: undefined };
    },
    signal,
  );
  return { value: await presentGroup(deps, accountId, groupId, signal), effect };
}
