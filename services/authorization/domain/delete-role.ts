import { DomainError } from "@portcullis/errors";
import type { Effective } from "./effect.ts";
import type { Mutation } from "./mutation.ts";
import type { UnitOfWork } from "./ports.ts";
import { lockCustomRole, type RoleCommand } from "./update-role.ts";

/** Deletes a custom role; one that is held only with `force`. */
export async function deleteRole(
  deps: { readonly work: UnitOfWork },
  mutation: Mutation,
  command: RoleCommand & { readonly force: boolean },
  signal: AbortSignal,
): Promise<Effective<undefined>> {
  const { accountId, roleId, force } = command;
  const { effect } = await deps.work.once(
    mutation,
    async (tx) => {
      const role = await lockCustomRole(tx, command);
      // Under the lock: who assigns it at this moment has done so, or will not find it.
      if (!force && (await tx.roles.isHeld(accountId, roleId))) {
        throw new DomainError(
          "ROLE_IN_USE",
          "Principals or groups hold this role. Take it from them first, or delete it with force.",
        );
      }
      await tx.roles.delete(accountId, roleId);
      const detail = { displayName: role.displayName, force };
      await tx.audit({ accountId, action: "role.delete", targetId: roleId, detail });
      return { resourceId: roleId, value: undefined };
    },
    signal,
  );
  return { value: undefined, effect };
}
