import { type CustomRole, inOrder, roleNotFound } from "./custom-role.ts";
import type { Effective } from "./effect.ts";
import { requireGrantable, requireLevel } from "./grantable.ts";
import type { AccountId } from "./ids.ts";
import type { Mutation } from "./mutation.ts";
import type { Clock, NewId, UnitOfWork } from "./ports.ts";
import type { RoleStore } from "./role-ports.ts";

export interface RoleDeps {
  readonly work: UnitOfWork;
  readonly roles: RoleStore;
  readonly now: Clock;
  readonly newId: NewId;
}

/** What a role is created with. */
export interface RoleFields {
  readonly displayName: string;
  readonly description: string;
  readonly permissionIds: readonly string[];
}

/** Creates a role of what the actor holds. A repeat answers with the role as it is now. */
export async function createRole(
  deps: RoleDeps,
  mutation: Mutation,
  accountId: AccountId,
  fields: RoleFields,
  signal: AbortSignal,
): Promise<Effective<CustomRole>> {
  const permissionIds = inOrder(fields.permissionIds);
  const outcome = await deps.work.once(
    mutation,
    async (tx) => {
      await requireGrantable(tx, permissionIds);
      await requireLevel(tx, mutation, permissionIds);
      const at = deps.now();
      const roleId = deps.newId("role");
      const role = { ...fields, accountId, roleId, permissionIds, version: 1, createdAt: at, updatedAt: at };
      await tx.roles.insert(role);
      const detail = { displayName: role.displayName, permissionIds };
      await tx.audit({ accountId, action: "role.create", targetId: roleId, detail });
      return { resourceId: roleId, value: role };
    },
    signal,
  );
  const value = outcome.repeated
    ? await presentRole(deps, accountId, outcome.resourceId, signal)
    : outcome.value;
  return { value, effect: outcome.effect };
}

/** ROLE_NOT_FOUND if it has gone. */
export async function presentRole(
  deps: { readonly roles: RoleStore },
  accountId: AccountId,
  roleId: string,
  signal: AbortSignal,
): Promise<CustomRole> {
  const role = await deps.roles.find(accountId, roleId, signal);
  if (role === undefined) throw roleNotFound(roleId);
  return role;
}
