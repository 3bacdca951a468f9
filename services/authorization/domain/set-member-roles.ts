import { DomainError } from "@portcullis/errors";
import type { SubjectStore } from "./decision-ports.ts";
import type { Effective } from "./effect.ts";
import { levelOf } from "./grantable.ts";
import type { PrincipalRef } from "./ids.ts";
import {
  boundRolesOf,
  lastAdministrator,
  type MemberRoles,
  refuseRoleChange,
  refuseValues,
} from "./member-guard.ts";
import type { Mutation } from "./mutation.ts";
import type { Clock, UnitOfWork } from "./ports.ts";
import type { PrincipalTx } from "./principal-ports.ts";
import type { RoleAspect } from "./role.ts";

export interface SetMemberRolesDeps {
  readonly work: UnitOfWork<PrincipalTx>;
  readonly subjects: SubjectStore;
  readonly now: Clock;
}

const aspects = ["developer", "team", "billing", "administrator"] as const satisfies readonly RoleAspect[];

/** Makes a user's values those given, and returns the ids of the roles that the user is then bound to. */
export async function setMemberRoles(
  deps: SetMemberRolesDeps,
  mutation: Mutation,
  ref: PrincipalRef | undefined,
  roles: MemberRoles,
  signal: AbortSignal,
): Promise<Effective<readonly string[]>> {
  if (ref === undefined) throw notFound();
  const { effect } = await deps.work.once(
    mutation,
    async (tx) => {
      await change(deps, tx, mutation, ref, roles);
      return { resourceId: ref.principalId, value: undefined };
    },
    signal,
  );
  const { holdings } = await deps.subjects.find(ref, signal);
  return { value: holdings?.boundRoleIds ?? [], effect };
}

async function change(
  deps: SetMemberRolesDeps,
  tx: PrincipalTx,
  mutation: Mutation,
  ref: PrincipalRef,
  roles: MemberRoles,
): Promise<void> {
  // Administrators too: whether one stays is only known while none of them can change.
  const known = await tx.lockWithAdministrators(ref);
  if (known === undefined || known.state === "deleted") throw notFound();
  if (known.kind === "service_user") {
    throw new DomainError(
      "SERVICE_USER_ROLES_FIXED",
      "Service users have no membership whose values could be set.",
    );
  }
  const before = new Set((await tx.holdingsOf(ref))?.boundRoleIds);
  const wanted = boundRolesOf(roles);
  const after = new Set(wanted.values());
  const level = await levelOf(tx, mutation.actor, ref.accountId);
  const refusal = refuseRoleChange(level, before, after) ?? refuseValues(roles);
  if (refusal !== undefined) throw refusal;
  if (before.has("administrator") && !after.has("administrator")) await requireAnother(tx, ref);

  const added = [...after].filter((roleId) => !before.has(roleId));
  const removed = [...before].filter((roleId) => !after.has(roleId));
  if (added.length + removed.length === 0) return;
  for (const roleId of removed) await tx.deleteRoleBinding(ref, roleId);
  for (const aspect of aspects) {
    const roleId = wanted.get(aspect);
    if (roleId === undefined || before.has(roleId)) continue;
    await tx.putRoleBinding({ ...ref, roleId, createdAt: deps.now() }, aspect);
  }
  await tx.audit({
    accountId: ref.accountId,
    action: "member.set_roles",
    targetId: ref.principalId,
    detail: { added, removed },
  });
}

/** LAST_ADMINISTRATOR unless somebody else is an active administrator. The administrators are locked. */
async function requireAnother(tx: PrincipalTx, ref: PrincipalRef): Promise<void> {
  const active = await tx.lockActiveAdministrators(ref.accountId);
  if (!active.some((principalId) => principalId !== ref.principalId)) throw lastAdministrator();
}

function notFound(): DomainError {
  return new DomainError("PRINCIPAL_NOT_FOUND", "There is no such user in this account.");
}
