import type { AccountId } from "./ids.ts";
import type { Clock, CredentialStore } from "./ports.ts";
import type { Dependents } from "./principal.ts";

/** What would stop to work with the account. Nothing for an unknown one. */
export function previewAccount(
  deps: { readonly credentials: CredentialStore; readonly clock: Clock },
  accountId: AccountId,
  signal: AbortSignal,
): Promise<readonly Dependents[]> {
  return deps.credentials.countWorking(accountId, undefined, deps.clock(), signal);
}
