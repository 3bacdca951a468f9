import { findRole } from "./built-in-roles.ts";
import { type GrantablePermissionId, isGrantable, isPermissionId } from "./catalog.ts";
import type { Principal } from "./principal.ts";

/** A principal with the roles it holds. */
export interface Subject {
  readonly principal: Principal;
  /** May name roles of a newer release, which count for nothing here. */
  readonly roleIds: readonly string[];
}

/** An answer, with why, and the version of the subject that it rests on (0 for an unknown one). */
export type Decision = {
  readonly subjectVersion: number;
} & (
  | { readonly allowed: true; readonly reason: "super_admin" | "role" | "service_user_policy" }
  | { readonly allowed: false; readonly reason: "not_granted" | "subject_unknown" | "subject_inactive" }
);

/** What a service user acts as, and nothing else. (contracts/ngrok.md §4) */
const serviceUserRoleIds = ["developer_read_write"] as const;

/**
 * Whether the subject holds the permission in the account. Nobody holds one that is not in the catalogue;
 * super administrators hold all others everywhere; all others hold what their roles give, in their own account.
 */
export function decide(subject: Subject | undefined, permission: string, accountId: string): Decision {
  if (subject === undefined || subject.principal.state === "deleted") {
    return { allowed: false, reason: "subject_unknown", subjectVersion: 0 };
  }
  const { principal, roleIds } = subject;
  const subjectVersion = principal.version;
  const denied = { allowed: false, reason: "not_granted", subjectVersion } as const;

  if (principal.state !== "active") return { ...denied, reason: "subject_inactive" };
  if (!isPermissionId(permission)) return denied;
  if (principal.superAdmin) return { allowed: true, reason: "super_admin", subjectVersion };
  if (accountId !== principal.accountId || !isGrantable(permission)) return denied;
  switch (principal.kind) {
    case "service_user":
      return grants(serviceUserRoleIds, permission)
        ? { allowed: true, reason: "service_user_policy", subjectVersion }
        : denied;
    case "user":
      return grants(roleIds, permission) ? { allowed: true, reason: "role", subjectVersion } : denied;
  }
}

function grants(roleIds: readonly string[], permission: GrantablePermissionId): boolean {
  return roleIds.some((roleId) => findRole(roleId)?.permissions.has(permission));
}
