import type { SubjectStore } from "./decision-ports.ts";
import { developerRoleId, effectivePermissions, type Holdings } from "./holdings.ts";
import { type AccountId, everyoneId, type PrincipalId } from "./ids.ts";

/** What a principal was given, and what that amounts to; each list by id. */
export interface HoldingsView {
  readonly principalId: string;
  readonly directPermissionIds: readonly string[];
  readonly assignedRoleIds: readonly string[];
  readonly boundRoleIds: readonly string[];
  readonly groupIds: readonly string[];
  readonly roleIds: readonly string[];
  readonly permissionIds: readonly string[];
}

/** Of those that exist and are not deleted, by principal. */
export async function getHoldings(
  deps: { readonly subjects: SubjectStore },
  accountId: AccountId,
  principalIds: readonly PrincipalId[],
  signal: AbortSignal,
): Promise<readonly HoldingsView[]> {
  const found = await deps.subjects.findMany(accountId, principalIds, signal);
  return found.map(({ holdings, groupIds }) => toView(holdings, [everyoneId, ...groupIds].toSorted()));
}

function toView(holdings: Holdings, groupIds: readonly string[]): HoldingsView {
  const { principal, boundRoleIds, directPermissionIds, assigned } = holdings;
  const asActive: Holdings = {
    ...holdings,
    accountState: "active",
    principal: { ...principal, state: "active" },
  };
  const own = assigned.filter(({ holderId }) => holderId === principal.principalId);
  return {
    principalId: principal.principalId,
    directPermissionIds,
    assignedRoleIds: own.map(({ roleId }) => roleId),
    boundRoleIds,
    groupIds,
    roleIds: rolesOf(holdings),
    permissionIds: [...effectivePermissions(asActive).keys()].toSorted(),
  };
}

function rolesOf({ principal, serviceUserPolicy, boundRoleIds, assigned }: Holdings): readonly string[] {
  if (principal.kind === "service_user" && serviceUserPolicy === "developer") return [developerRoleId];
  return [...new Set([...boundRoleIds, ...assigned.map(({ roleId }) => roleId)])].toSorted();
}
