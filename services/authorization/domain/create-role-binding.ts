import { DomainError } from "@portcullis/errors";
import { findRole } from "./built-in-roles.ts";
import type { Effective } from "./effect.ts";
import type { PrincipalRef } from "./ids.ts";
import type { Mutation } from "./mutation.ts";
import type { Clock, UnitOfWork } from "./ports.ts";
import type { PrincipalTx, RoleBindingStore } from "./principal-ports.ts";
import { requireRight } from "./require-right.ts";
import type { Role } from "./role.ts";
import type { RoleBinding } from "./role-binding.ts";

export interface CreateRoleBindingDeps {
  readonly work: UnitOfWork<PrincipalTx>;
  readonly roleBindings: RoleBindingStore;
  readonly now: Clock;
}

/** What came of it. */
export interface Given {
  readonly binding: RoleBinding;
  /** False: the user held no other role of that aspect. Of what was done before it is not known any more. */
  readonly mayHaveTaken: boolean;
}

/**
 * Gives a role to a user of the account, in place of the one of the same aspect. To give what is held changes
 * nothing. A repeated request answers with the binding as it is now, ROLE_BINDING_NOT_FOUND if it is gone.
 */
export async function createRoleBinding(
  deps: CreateRoleBindingDeps,
  mutation: Mutation,
  ref: PrincipalRef | undefined,
  roleId: string,
  signal: AbortSignal,
): Promise<Effective<Given>> {
  if (ref === undefined) throw principalNotFound();
  const outcome = await deps.work.once(
    mutation,
    async (tx) => {
      const role = await requireBindable(tx, ref, roleId);
      await requireRight(tx, mutation, ref, [roleId]);
      return { resourceId: `${ref.principalId}/${roleId}`, value: await bind(deps, tx, ref, role) };
    },
    signal,
  );
  const { effect } = outcome;
  if (!outcome.repeated) return { value: outcome.value, effect };
  const present = await deps.roleBindings.find(ref, roleId, signal);
  if (present !== undefined) return { value: { binding: present, mayHaveTaken: true }, effect };
  throw new DomainError(
    "ROLE_BINDING_NOT_FOUND",
    "This request was carried out before, and the role has been taken away since. To give it again, send a new request_id.",
  );
}

/** Holds the principal, so that it can't be deleted while it is given a role. */
async function requireBindable(tx: PrincipalTx, ref: PrincipalRef, roleId: string): Promise<Role> {
  const principal = await tx.lockPrincipal(ref);
  if (principal === undefined || principal.state === "deleted") throw principalNotFound();
  if (principal.kind === "service_user") {
    throw new DomainError(
      "SERVICE_USER_ROLES_FIXED",
      "Service users act as Developer read-write and hold no other role. Give the role to a user.",
    );
  }
  const role = findRole(roleId);
  if (role !== undefined) return role;
  throw new DomainError("ROLE_NOT_FOUND", "There is no such role. ListRoles tells which there are.");
}

async function bind(
  deps: CreateRoleBindingDeps,
  tx: PrincipalTx,
  ref: PrincipalRef,
  { roleId, aspect }: Role,
): Promise<Given> {
  const held = await tx.findRoleBinding(ref, aspect);
  if (held?.roleId === roleId) return { binding: held, mayHaveTaken: true };
  const binding = { ...ref, roleId, createdAt: deps.now() };
  await tx.putRoleBinding(binding, aspect);
  await tx.audit({
    accountId: ref.accountId,
    action: "role_binding.create",
    targetId: ref.principalId,
    detail: { roleId, ...(held === undefined ? {} : { replacedRoleId: held.roleId }) },
  });
  return { binding, mayHaveTaken: held !== undefined };
}

function principalNotFound(): DomainError {
  return new DomainError("PRINCIPAL_NOT_FOUND", "There is no such user in this account.");
}
