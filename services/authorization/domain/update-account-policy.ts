import type { AccountPolicy } from "./account-policy.ts";
import { findRole } from "./built-in-roles.ts";
import { inOrder, requireAssignable } from "./custom-role.ts";
import type { Effective } from "./effect.ts";
import { requireEtag } from "./etag.ts";
import { requireGrantable, requireLevel } from "./grantable.ts";
import { groupNotFound } from "./group.ts";
import { developerRoleId } from "./holdings.ts";
import { type AccountId, everyoneId } from "./ids.ts";
import type { Mutation } from "./mutation.ts";
import type { PolicyStore } from "./policy-ports.ts";
import type { Tx, UnitOfWork } from "./ports.ts";

export interface PolicyDeps {
  readonly work: UnitOfWork;
  readonly policies: PolicyStore;
}

/** New values; absent ones stay. */
export type PolicyChanges = Partial<Omit<AccountPolicy, "accountId" | "version">>;

/** Changes the policy; what it comes to give to others the actor holds. */
export async function updateAccountPolicy(
  deps: PolicyDeps,
  mutation: Mutation,
  command: { readonly accountId: AccountId; readonly etag: string | undefined },
  changes: PolicyChanges,
  signal: AbortSignal,
): Promise<Effective<AccountPolicy>> {
  const { accountId, etag } = command;
  const { effect } = await deps.work.once(
    mutation,
    async (tx) => {
      const before = await tx.policies.lock(accountId);
      requireEtag(before, etag);
      const after = {
        ...before,
        ...changes,
        defaultPermissionIds: inOrder(changes.defaultPermissionIds ?? before.defaultPermissionIds),
        // They are in Everyone anyway.
        defaultGroupIds: inOrder(changes.defaultGroupIds ?? before.defaultGroupIds).filter(
          (groupId) => groupId !== everyoneId,
        ),
      };
      await requireLevel(tx, mutation, await given(tx, before, after));
      if (JSON.stringify(after) !== JSON.stringify(before)) {
        await tx.policies.put({ ...after, version: before.version + 1 });
        const { accountId: _, version: __, ...detail } = after;
        await tx.audit({ accountId, action: "policy.update", targetId: accountId, detail });
      }
      return { resourceId: accountId, value: undefined };
    },
    signal,
  );
  return { value: await deps.policies.find(accountId, signal), effect };
}

/** The permissions that somebody will hold by what is new in the policy. */
async function given(tx: Tx, before: AccountPolicy, after: AccountPolicy): Promise<readonly string[]> {
  const permissions = after.defaultPermissionIds.filter((id) => !before.defaultPermissionIds.includes(id));
  await requireGrantable(tx, permissions);
  const groups = after.defaultGroupIds.filter((id) => !before.defaultGroupIds.includes(id));
  const kept = await tx.groups.keep(after.accountId, groups);
  const missing = groups.find((groupId) => !kept.has(groupId));
  if (missing !== undefined) throw groupNotFound(missing);
  const roleIds = await tx.grants.rolesOf(after.accountId, groups);
  const becomesDeveloper =
    after.serviceUserPolicy === "developer" && before.serviceUserPolicy !== "developer";
  const developer = becomesDeveloper ? [...(findRole(developerRoleId)?.permissions ?? [])] : [];
  return [...permissions, ...(await requireAssignable(tx, after.accountId, roleIds)), ...developer];
}
