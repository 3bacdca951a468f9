import { DomainError } from "@portcullis/errors";
import { levelOf } from "./grantable.ts";
import { type AccountId, parsePrincipalRef } from "./ids.ts";
import {
  boundRolesOf,
  lastAdministrator,
  type MemberRoles,
  refuseLifecycleChange,
  refuseRoleChange,
  refuseValues,
  refuseWithout,
} from "./member-guard.ts";
import type { UnitOfWork } from "./ports.ts";
import type { PrincipalTx } from "./principal-ports.ts";

/** What is to be done to a member. */
export type MemberChange =
  | { readonly change: "disable" | "enable" | "remove"; readonly targetId: string }
  | { readonly change: "invite"; readonly roles: MemberRoles };

/** Who wants it. */
export interface ChangeActor {
  readonly accountId: string;
  readonly principalId: string;
}

/** Why the actor may not do that, or undefined. */
export async function checkMemberChange(
  deps: { readonly work: UnitOfWork<PrincipalTx> },
  accountId: AccountId,
  actor: ChangeActor,
  change: MemberChange,
  signal: AbortSignal,
): Promise<DomainError | undefined> {
  const principal = { kind: "principal", ...actor, credentialId: "" } as const;
  return deps.work.look(async (tx) => {
    const level = await levelOf(tx, principal, accountId);
    if (change.change === "invite") {
      return (
        refuseWithout("identity.members.invite", level) ??
        refuseRoleChange(level, new Set(), new Set(boundRolesOf(change.roles).values())) ??
        refuseValues(change.roles)
      );
    }
    const refusal = refuseWithout("identity.members.manage", level);
    if (refusal !== undefined) return refusal;
    const ref = parsePrincipalRef(accountId, change.targetId);
    const target = ref === undefined ? undefined : await tx.holdingsOf(ref);
    if (ref === undefined || target === undefined || target.principal.state === "deleted") {
      return new DomainError("PRINCIPAL_NOT_FOUND", "There is no such user in this account.");
    }
    const isAdministrator = target.boundRoleIds.includes("administrator");
    const forbidden = refuseLifecycleChange(level, isAdministrator);
    if (forbidden !== undefined || change.change === "enable") return forbidden;
    const active = await tx.activeAdministrators(accountId);
    const isLast = active.length === 1 && active[0] === ref.principalId;
    return isLast ? lastAdministrator() : undefined;
  }, signal);
}
