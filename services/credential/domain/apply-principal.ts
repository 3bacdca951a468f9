import type { Effective } from "./effect.ts";
import type { PrincipalStore } from "./ports.ts";
import type { InForce, Principal } from "./principal.ts";

/**
 * Enforces what identity has decided, from the moment this has returned; a deleted principal's credentials are
 * gone with it. Idempotent and in any order. Tells what is in force: this one's, or the one known that is not
 * below it, or the deletion, which is final. In a deleted account every principal is deleted.
 */
export function applyPrincipal(
  deps: { readonly principals: PrincipalStore },
  principal: Principal,
  signal: AbortSignal,
): Promise<Effective<InForce>> {
  return deps.principals.change(async (tx) => {
    const { accountId, version } = principal;
    // With the account it went for ever: nothing of it is stored again.
    if ((await tx.holdAccount(accountId)) === "deleted") return { state: "deleted", version };
    const { isApplied, inForce } = await tx.supersede(principal);
    if (isApplied && principal.state === "deleted") await tx.deleteCredentialsOf(principal);
    return inForce;
  }, signal);
}
