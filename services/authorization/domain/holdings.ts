import type { Account } from "./account.ts";
import type { AccountPolicy } from "./account-policy.ts";
import { findRole } from "./built-in-roles.ts";
import { isGrantable, isPermissionId, permissionIds } from "./catalog.ts";
import type { Principal } from "./principal.ts";

/** All that decides what a principal may do, as of one moment. */
export interface Holdings {
  readonly accountState: Account["state"];
  readonly principal: Principal;
  readonly serviceUserPolicy: AccountPolicy["serviceUserPolicy"];
  /** The values of the membership. */
  readonly boundRoleIds: readonly string[];
  readonly directPermissionIds: readonly string[];
  /** What it and its groups were assigned; the holder is the principal, or a group that it is in. */
  readonly assigned: readonly { readonly holderId: string; readonly roleId: string }[];
  /** Of the custom roles among them. */
  readonly customRoles: ReadonlyMap<string, readonly string[]>;
  /** Every permission that backends registered and did not retire. */
  readonly registered: ReadonlySet<string>;
}

/** Where a permission comes from. */
export type Source =
  | { readonly from: "super_admin" }
  | { readonly from: "service_user_policy"; readonly roleId: string }
  | { readonly from: "membership"; readonly roleId: string }
  | { readonly from: "direct" }
  | { readonly from: "role"; readonly roleId: string }
  | { readonly from: "group"; readonly groupId: string; readonly roleId: string };

/** What a service user acts as under the policy DEVELOPER, and nothing else. (contracts/ngrok.md §4) */
export const developerRoleId = "developer_read_write";

/**
 * Every permission that the principal holds in its account, with each way in which it does. Empty unless it and the
 * account are active. Whatever is not in the catalogue, or retired, nobody holds.
 */
export function effectivePermissions(holdings: Holdings): ReadonlyMap<string, readonly Source[]> {
  const found = new Map<string, Source[]>();
  if (holdings.accountState !== "active" || holdings.principal.state !== "active") return found;
  for (const [permissionId, source] of allGrants(holdings)) {
    const isKnown = isPermissionId(permissionId)
      ? source.from === "super_admin" || isGrantable(permissionId)
      : holdings.registered.has(permissionId);
    if (!isKnown) continue;
    const sources = found.get(permissionId) ?? [];
    found.set(permissionId, [...sources, source]);
  }
  return found;
}

function* allGrants(holdings: Holdings): Iterable<readonly [string, Source]> {
  const { principal, serviceUserPolicy, boundRoleIds, directPermissionIds, assigned } = holdings;
  if (principal.superAdmin) {
    yield* each([...permissionIds, ...holdings.registered], { from: "super_admin" });
  }
  if (principal.kind === "service_user" && serviceUserPolicy === "developer") {
    yield* each(permissionsOf(holdings, developerRoleId), {
      from: "service_user_policy",
      roleId: developerRoleId,
    });
    return;
  }
  for (const roleId of boundRoleIds) {
    yield* each(permissionsOf(holdings, roleId), { from: "membership", roleId });
  }
  yield* each(directPermissionIds, { from: "direct" });
  for (const { holderId, roleId } of assigned) {
    const source: Source =
      holderId === principal.principalId
        ? { from: "role", roleId }
        : { from: "group", groupId: holderId, roleId };
    yield* each(permissionsOf(holdings, roleId), source);
  }
}

function* each(ids: Iterable<string>, source: Source): Iterable<readonly [string, Source]> {
  for (const id of ids) yield [id, source];
}

/** Administrators hold what backends registered as well. */
function permissionsOf({ customRoles, registered }: Holdings, roleId: string): readonly string[] {
  const builtIn = findRole(roleId);
  if (builtIn === undefined) return customRoles.get(roleId) ?? [];
  return roleId === "administrator" ? [...builtIn.permissions, ...registered] : [...builtIn.permissions];
}
