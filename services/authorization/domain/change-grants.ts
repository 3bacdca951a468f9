import { inOrder, requireAssignable } from "./custom-role.ts";
import type { Effective } from "./effect.ts";
import { requireGrantable, requireLevel } from "./grantable.ts";
import type { AccountId } from "./ids.ts";
import type { Mutation } from "./mutation.ts";
import type { Tx, UnitOfWork } from "./ports.ts";
import { requireAssignees, requirePrincipals } from "./require-principals.ts";

interface Deps {
  readonly work: UnitOfWork;
}

/** Which permissions or roles, and whose. */
export interface Grants {
  readonly accountId: AccountId;
  readonly principalIds: readonly string[];
  /** Of permissions or of roles. */
  readonly ids: readonly string[];
}

type Change = (tx: Tx, grants: Grants) => Promise<number>;

/** Gives each of the principals each of the permissions, which the actor holds. */
export function grantPermissions(deps: Deps, mutation: Mutation, grants: Grants, signal: AbortSignal) {
  const change: Change = async (tx, { accountId, principalIds, ids }) => {
    await requireAssignees(tx, accountId, principalIds);
    await requireGrantable(tx, ids);
    await requireLevel(tx, mutation, ids);
    return tx.grants.grant(accountId, principalIds, ids);
  };
  return changeGrants(deps, mutation, "permission.grant", grants, change, signal);
}

/** Takes the permissions that were given directly. */
export function revokePermissions(deps: Deps, mutation: Mutation, grants: Grants, signal: AbortSignal) {
  const change: Change = async (tx, { accountId, principalIds, ids }) => {
    await requirePrincipals(tx, accountId, principalIds);
    return tx.grants.revoke(accountId, principalIds, ids);
  };
  return changeGrants(deps, mutation, "permission.revoke", grants, change, signal);
}

/** Gives each of the principals each of the roles, whose permissions the actor holds. */
export function assignRoles(deps: Deps, mutation: Mutation, grants: Grants, signal: AbortSignal) {
  const change: Change = async (tx, { accountId, principalIds, ids }) => {
    await requireAssignees(tx, accountId, principalIds);
    await requireLevel(tx, mutation, await requireAssignable(tx, accountId, ids));
    return tx.grants.assign(accountId, principalIds, ids);
  };
  return changeGrants(deps, mutation, "role.assign", grants, change, signal);
}

/** Takes the roles that were assigned. */
export function unassignRoles(deps: Deps, mutation: Mutation, grants: Grants, signal: AbortSignal) {
  const change: Change = async (tx, { accountId, principalIds, ids }) => {
    await requirePrincipals(tx, accountId, principalIds);
    return tx.grants.unassign(accountId, principalIds, ids);
  };
  return changeGrants(deps, mutation, "role.unassign", grants, change, signal);
}

/** All or nothing; what changes nothing leaves no event. */
async function changeGrants(
  deps: Deps,
  mutation: Mutation,
  action: string,
  grants: Grants,
  change: Change,
  signal: AbortSignal,
): Promise<Effective<undefined>> {
  const { accountId } = grants;
  const principalIds = inOrder(grants.principalIds);
  const ids = inOrder(grants.ids);
  const { effect } = await deps.work.once(
    mutation,
    async (tx) => {
      const changed = await change(tx, { accountId, principalIds, ids });
      if (changed > 0) {
        const detail = { principalIds, ids, changed };
        await tx.audit({ accountId, action, targetId: principalIds[0] ?? "", detail });
      }
      return { resourceId: accountId, value: undefined };
    },
    signal,
  );
  return { value: undefined, effect };
}
