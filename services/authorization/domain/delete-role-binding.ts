import { DomainError } from "@portcullis/errors";
import { findRole } from "./built-in-roles.ts";
import type { Effective } from "./effect.ts";
import type { PrincipalRef } from "./ids.ts";
import { lastAdministrator } from "./member-guard.ts";
import type { Mutation } from "./mutation.ts";
import type { UnitOfWork } from "./ports.ts";
import type { PrincipalTx } from "./principal-ports.ts";
import { requireRight } from "./require-right.ts";

export interface DeleteRoleBindingDeps {
  readonly work: UnitOfWork<PrincipalTx>;
}

/**
 * Takes a role from a user. An account keeps an active administrator, also when several are taken the role
 * from at the same time: LAST_ADMINISTRATOR.
 */
export async function deleteRoleBinding(
  deps: DeleteRoleBindingDeps,
  mutation: Mutation,
  ref: PrincipalRef | undefined,
  roleId: string,
  signal: AbortSignal,
): Promise<Effective<undefined>> {
  if (ref === undefined || findRole(roleId) === undefined) throw notFound();
  const { effect } = await deps.work.once(
    mutation,
    async (tx) => {
      await unbind(tx, mutation, ref, roleId);
      return { resourceId: `${ref.principalId}/${roleId}`, value: undefined };
    },
    signal,
  );
  return { value: undefined, effect };
}

async function unbind(tx: PrincipalTx, mutation: Mutation, ref: PrincipalRef, roleId: string): Promise<void> {
  const isAdministrator = roleId === "administrator";
  // Before the deletion: who takes the role from another at the same time waits here, and counts again.
  const active = isAdministrator ? await tx.lockActiveAdministrators(ref.accountId) : [];
  await requireRight(tx, mutation, ref, []);
  if (!(await tx.deleteRoleBinding(ref, roleId))) throw notFound();
  if (isAdministrator && !active.some((principalId) => principalId !== ref.principalId)) {
    throw lastAdministrator();
  }
  await tx.audit({
    accountId: ref.accountId,
    action: "role_binding.delete",
    targetId: ref.principalId,
    detail: { roleId },
  });
}

function notFound(): DomainError {
  return new DomainError("ROLE_BINDING_NOT_FOUND", "There is no such user in this account with that role.");
}
