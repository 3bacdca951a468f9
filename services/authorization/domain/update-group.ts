import { type GroupDeps, type GroupFields, presentGroup } from "./create-group.ts";
import { nameKeyOf } from "./custom-role.ts";
import type { Effective } from "./effect.ts";
import { requireEtag } from "./etag.ts";
import { groupNotFound, type NamedGroup, requireFreeName, requireNamed } from "./group.ts";
import type { AccountId } from "./ids.ts";
import type { Mutation } from "./mutation.ts";
import type { Tx } from "./ports.ts";

/** Which group, and the etag that the change rests on. */
export interface GroupCommand {
  readonly accountId: AccountId;
  readonly groupId: string;
  readonly etag: string | undefined;
}

/** Renames or describes anew. */
export async function updateGroup(
  deps: GroupDeps,
  mutation: Mutation,
  command: GroupCommand,
  changes: Partial<GroupFields>,
  signal: AbortSignal,
): Promise<Effective<NamedGroup>> {
  const { accountId, groupId } = command;
  if (changes.displayName !== undefined) requireFreeName(nameKeyOf(changes.displayName));
  const outcome = await deps.work.once(
    mutation,
    async (tx) => {
      const before = await lockGroup(tx, command);
      const after = { ...before, ...changes };
      const isSame = after.displayName === before.displayName && after.description === before.description;
      if (!isSame) {
        await tx.groups.update({ ...after, version: before.version + 1, updatedAt: deps.now() });
        const detail = { displayName: after.displayName, before: before.displayName };
        await tx.audit({ accountId, action: "group.update", targetId: groupId, detail });
      }
      return { resourceId: groupId, value: undefined };
    },
    signal,
  );
  const value = await presentGroup(deps, accountId, outcome.repeated ? outcome.resourceId : groupId, signal);
  return { value, effect: outcome.effect };
}

/** EVERYONE_FIXED, GROUP_NOT_FOUND, ETAG_MISMATCH. */
export async function lockGroup(tx: Tx, { accountId, groupId, etag }: GroupCommand): Promise<NamedGroup> {
  requireNamed(groupId);
  const group = await tx.groups.lock(accountId, groupId);
  if (group === undefined) throw groupNotFound(groupId);
  requireEtag(group, etag);
  return group;
}
