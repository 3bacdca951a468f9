import { nameKeyOf } from "./custom-role.ts";
import type { Effective } from "./effect.ts";
import { groupNotFound, type NamedGroup, requireFreeName } from "./group.ts";
import type { GroupStore } from "./group-ports.ts";
import type { AccountId } from "./ids.ts";
import type { Mutation } from "./mutation.ts";
import type { Clock, NewId, UnitOfWork } from "./ports.ts";

export interface GroupDeps {
  readonly work: UnitOfWork;
  readonly groups: GroupStore;
  readonly now: Clock;
  readonly newId: NewId;
}

export interface GroupFields {
  readonly displayName: string;
  readonly description: string;
}

/** Creates an empty group. A repeat answers with the group as it is now. */
export async function createGroup(
  deps: GroupDeps,
  mutation: Mutation,
  accountId: AccountId,
  fields: GroupFields,
  signal: AbortSignal,
): Promise<Effective<NamedGroup>> {
  requireFreeName(nameKeyOf(fields.displayName));
  const outcome = await deps.work.once(
    mutation,
    async (tx) => {
      const at = deps.now();
      const groupId = deps.newId("grp");
      const none = { roleIds: [], memberCount: 0 };
      const group = { ...fields, ...none, accountId, groupId, version: 1, createdAt: at, updatedAt: at };
      await tx.groups.insert(group);
      const detail = { displayName: group.displayName };
      await tx.audit({ accountId, action: "group.create", targetId: groupId, detail });
      return { resourceId: groupId, value: group };
    },
    signal,
  );
  const value = outcome.repeated
    ? await presentGroup(deps, accountId, outcome.resourceId, signal)
    : outcome.value;
  return { value, effect: outcome.effect };
}

/** GROUP_NOT_FOUND if it has gone. */
export async function presentGroup(
  deps: { readonly groups: GroupStore },
  accountId: AccountId,
  groupId: string,
  signal: AbortSignal,
): Promise<NamedGroup> {
  const group = await deps.groups.find(accountId, groupId, signal);
  if (group === undefined) throw groupNotFound(groupId);
  return group;
}
