import { DomainError } from "@portcullis/errors";
import { findRole } from "./built-in-roles.ts";
import type { AccountId } from "./ids.ts";
import type { Tx } from "./ports.ts";

/** A role of an account's own. */
export interface CustomRole {
  readonly accountId: AccountId;
  /** `role_…` */
  readonly roleId: string;
  readonly displayName: string;
  readonly description: string;
  /** In order, each once. Retired ones count for nothing. */
  readonly permissionIds: readonly string[];
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Sorted, each once. */
export function inOrder(ids: readonly string[]): readonly string[] {
  return [...new Set(ids)].toSorted();
}

/** The form of a name in which it is unique in the account. */
export function nameKeyOf(displayName: string): string {
  return displayName.normalize("NFKC").toLowerCase();
}

export function roleNotFound(roleId: string): DomainError {
  return new DomainError("ROLE_NOT_FOUND", "There is no such role. ListRoles tells which there are.", {
    metadata: { role_id: roleId },
  });
}

/**
 * What the roles give together. They can't be deleted until the transaction ends. ROLE_NOT_FOUND for one that
 * does not exist; ROLE_NOT_ASSIGNABLE for Administrator, which is a flag of a membership.
 */
export async function requireAssignable(
  tx: Tx,
  accountId: AccountId,
  roleIds: readonly string[],
): Promise<readonly string[]> {
  const custom = await tx.roles.keep(accountId, roleIds);
  const byId = new Map(custom.map((role) => [role.roleId, role.permissionIds]));
  return roleIds.flatMap((roleId) => {
    if (roleId === "administrator") throw administratorNotAssignable();
    const builtIn = findRole(roleId)?.permissions;
    const given = builtIn === undefined ? byId.get(roleId) : [...builtIn];
    if (given === undefined) throw roleNotFound(roleId);
    return given;
  });
}

function administratorNotAssignable(): DomainError {
  return new DomainError(
    "ROLE_NOT_ASSIGNABLE",
    "Administrator is a flag of a user's membership. Set it with SetMemberRoles or CreateRoleBinding.",
  );
}
