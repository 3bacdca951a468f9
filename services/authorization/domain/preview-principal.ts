import type { PrincipalRef } from "./ids.ts";
import type { DependentsStore } from "./principal-ports.ts";

/** Things that depend on a principal or account, counted. */
export interface Dependents {
  readonly kind: "role_bindings" | "role_assignments" | "groups" | "direct_permissions";
  readonly count: number;
}

/** What counts for a principal now and would not, were it not active: only what there is any of. */
export async function previewPrincipal(
  deps: { readonly dependents: DependentsStore },
  ref: PrincipalRef | undefined,
  signal: AbortSignal,
): Promise<readonly Dependents[]> {
  return ref === undefined ? [] : deps.dependents.ofPrincipal(ref, signal);
}
