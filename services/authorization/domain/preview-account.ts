import type { AccountId } from "./ids.ts";
import type { Dependents } from "./preview-principal.ts";
import type { DependentsStore } from "./principal-ports.ts";

/** What counts in an account now and would not, were it not active: only what there is any of. */
export function previewAccount(
  deps: { readonly dependents: DependentsStore },
  accountId: AccountId,
  signal: AbortSignal,
): Promise<readonly Dependents[]> {
  return deps.dependents.ofAccount(accountId, signal);
}
