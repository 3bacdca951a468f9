import type { Clock, CredentialStore } from "./ports.ts";
import type { Dependents, PrincipalRef } from "./principal.ts";

/** What would stop to work, or be deleted, with the principal. Nothing for an unknown one. */
export function previewPrincipal(
  deps: { readonly credentials: CredentialStore; readonly clock: Clock },
  ref: PrincipalRef,
  signal: AbortSignal,
): Promise<readonly Dependents[]> {
  return deps.credentials.countWorking(ref.accountId, ref.principalId, deps.clock(), signal);
}
