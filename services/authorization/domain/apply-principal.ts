import type { Effective } from "./effect.ts";
import type { Actor } from "./mutation.ts";
import type { UnitOfWork } from "./ports.ts";
import { type InForce, type Principal, supersedes } from "./principal.ts";
import type { PrincipalTx } from "./principal-ports.ts";

export interface ApplyPrincipalDeps {
  readonly work: UnitOfWork<PrincipalTx>;
}

/**
 * Enforces what identity tells of a principal, unless something that supersedes it is known already, and
 * returns what is in force. A deleted one loses all it holds and stays as a tombstone, so that
 * nothing can bring it back; a new user is given what the account's policy gives new users. In a deleted account
 * every principal is deleted.
 */
export async function applyPrincipal(
  deps: ApplyPrincipalDeps,
  actor: Actor,
  told: Principal,
  signal: AbortSignal,
): Promise<Effective<InForce>> {
  return deps.work.run(
    actor,
    async (tx) => {
      // With the account it went for ever: nothing of it is stored again.
      if ((await tx.holdAccount(told.accountId)) === "deleted") return { ...told, state: "deleted" };
      const known = await tx.addOrLockPrincipal(told);
      if (known !== undefined) {
        if (!supersedes(told, known)) return known;
        await tx.updatePrincipal(told);
      }
      // Only now, under the lock: a role that was given while we waited for it goes too.
      const removedRoles = told.state === "deleted" ? await tx.deleteRoleBindings(told) : [];
      if (told.state === "deleted") await tx.deleteHoldings(told);
      else if (known === undefined && told.kind === "user") await tx.giveDefaults(told);
      const { accountId, principalId, kind, state, version, superAdmin } = told;
      await tx.audit({
        accountId,
        action: "principal.apply",
        targetId: principalId,
        detail: { kind, state, version, superAdmin, removedRoles },
      });
      return told;
    },
    signal,
  );
}
