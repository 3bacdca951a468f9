import type { Account } from "./account.ts";
import type { Effective } from "./effect.ts";
import type { Actor } from "./mutation.ts";
import type { UnitOfWork } from "./ports.ts";

/**
 * Enforces what identity tells of an account, unless something that supersedes it is known already, and returns
 * what is in force. What a deleted one has is deleted afterwards, and counts for nothing meanwhile.
 */
export function applyAccount(
  deps: { readonly work: UnitOfWork },
  actor: Actor,
  told: Account,
  signal: AbortSignal,
): Promise<Effective<Account>> {
  return deps.work.run(
    actor,
    async (tx) => {
      const { isApplied, inForce } = await tx.accounts.supersede(told);
      const { accountId, state, version } = told;
      if (isApplied) {
        const detail = { state, version };
        await tx.audit({ accountId, action: "account.apply", targetId: accountId, detail });
      }
      return inForce;
    },
    signal,
  );
}
