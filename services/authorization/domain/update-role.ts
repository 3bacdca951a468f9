import { DomainError } from "@portcullis/errors";
import { findRole } from "./built-in-roles.ts";
import { presentRole, type RoleDeps, type RoleFields } from "./create-role.ts";
import { type CustomRole, inOrder, roleNotFound } from "./custom-role.ts";
import type { Effective } from "./effect.ts";
import { requireEtag } from "./etag.ts";
import { requireGrantable, requireLevel } from "./grantable.ts";
import type { AccountId } from "./ids.ts";
import type { Mutation } from "./mutation.ts";
import type { Tx } from "./ports.ts";

/** Which role, and the etag that the change rests on. */
export interface RoleCommand {
  readonly accountId: AccountId;
  readonly roleId: string;
  readonly etag: string | undefined;
}

/** Changes a custom role; what is new in it the actor holds. */
export async function updateRole(
  deps: RoleDeps,
  mutation: Mutation,
  command: RoleCommand,
  changes: Partial<RoleFields>,
  signal: AbortSignal,
): Promise<Effective<CustomRole>> {
  const { accountId, roleId } = command;
  const outcome = await deps.work.once(
    mutation,
    async (tx) => {
      const before = await lockCustomRole(tx, command);
      const permissionIds = inOrder(changes.permissionIds ?? before.permissionIds);
      const added = permissionIds.filter((id) => !before.permissionIds.includes(id));
      const removed = before.permissionIds.filter((id) => !permissionIds.includes(id));
      await requireGrantable(tx, added);
      await requireLevel(tx, mutation, added);
      const after = { ...before, ...changes, permissionIds };
      const isSame =
        added.length + removed.length === 0 &&
        after.displayName === before.displayName &&
        after.description === before.description;
      if (isSame) return { resourceId: roleId, value: before };
      const role = { ...after, version: before.version + 1, updatedAt: deps.now() };
      await tx.roles.update(role);
      const detail = { displayName: role.displayName, added, removed };
      await tx.audit({ accountId, action: "role.update", targetId: roleId, detail });
      return { resourceId: roleId, value: role };
    },
    signal,
  );
  const value = outcome.repeated ? await presentRole(deps, accountId, roleId, signal) : outcome.value;
  return { value, effect: outcome.effect };
}

/** ROLE_BUILT_IN, ROLE_NOT_FOUND, ETAG_MISMATCH. */
export async function lockCustomRole(tx: Tx, { accountId, roleId, etag }: RoleCommand): Promise<CustomRole> {
  if (findRole(roleId) !== undefined) {
    throw new DomainError("ROLE_BUILT_IN", "Built-in roles can't be changed. Create a role of your own.");
  }
  const role = await tx.roles.lock(accountId, roleId);
  if (role === undefined) throw roleNotFound(roleId);
  requireEtag(role, etag);
  return role;
}
