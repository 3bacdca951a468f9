import type { PrincipalRef } from "./ids.ts";
import type { RoleBindingStore } from "./ports.ts";

/** Things that depend on a principal, counted. */
export interface Dependents {
  readonly kind: string;
  readonly count: number;
}

/** What counts for a principal now and would not, were it not active: only what there is any of. */
export async function previewPrincipal(
  deps: { readonly roleBindings: RoleBindingStore },
  ref: PrincipalRef | undefined,
  signal: AbortSignal,
): Promise<readonly Dependents[]> {
  const count = ref === undefined ? 0 : await deps.roleBindings.count(ref, signal);
  return count === 0 ? [] : [{ kind: "role_bindings", count }];
}
