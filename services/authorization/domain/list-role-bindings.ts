import type { AccountId, PrincipalId } from "./ids.ts";
import type { Page, PageOf } from "./page.ts";
import type { RoleBindingStore } from "./principal-ports.ts";
import type { RoleBinding } from "./role-binding.ts";

/** Of every principal, of one, or of one that can't exist. */
export type PrincipalFilter =
  | { readonly of: "all" }
  | { readonly of: "principal"; readonly principalId: PrincipalId }
  | { readonly of: "nobody" };

/** The account's role bindings, by principal and role. */
export async function listRoleBindings(
  deps: { readonly roleBindings: RoleBindingStore },
  accountId: AccountId,
  filter: PrincipalFilter,
  page: Page,
  signal: AbortSignal,
): Promise<PageOf<RoleBinding>> {
  switch (filter.of) {
    case "all":
      return deps.roleBindings.list(accountId, undefined, page, signal);
    case "principal":
      return deps.roleBindings.list(accountId, filter.principalId, page, signal);
    case "nobody":
      return { items: [], nextToken: "" };
  }
}
