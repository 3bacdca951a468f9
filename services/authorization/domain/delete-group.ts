import { DomainError } from "@portcullis/errors";
import type { Effective } from "./effect.ts";
import type { Mutation } from "./mutation.ts";
import type { UnitOfWork } from "./ports.ts";
import { type GroupCommand, lockGroup } from "./update-group.ts";

/** Deletes a group; one that is in use only with `force`. */
export async function deleteGroup(
  deps: { readonly work: UnitOfWork },
  mutation: Mutation,
  command: GroupCommand & { readonly force: boolean },
  signal: AbortSignal,
): Promise<Effective<undefined>> {
  const { accountId, groupId, force } = command;
  const { effect } = await deps.work.once(
    mutation,
    async (tx) => {
      const group = await lockGroup(tx, command);
      if (!force && (await tx.groups.isUsed(accountId, groupId))) {
        throw new DomainError(
          "GROUP_IN_USE",
          "The group has members, objects are open to it, or new users are put into it. Change that first, or delete it with force.",
        );
      }
      await tx.groups.delete(accountId, groupId);
      const detail = { displayName: group.displayName, roleIds: group.roleIds, force };
      await tx.audit({ accountId, action: "group.delete", targetId: groupId, detail });
      return { resourceId: groupId, value: undefined };
    },
    signal,
  );
  return { value: undefined, effect };
}
