import { builtInRoles } from "./built-in-roles.ts";
import type { CustomRole } from "./custom-role.ts";
import type { AccountId } from "./ids.ts";
import type { Page, PageOf } from "./page.ts";
import type { Role } from "./role.ts";
import type { RoleStore } from "./role-ports.ts";

/** On the first page the built-in roles, then the account's own, newest first. */
export async function listRoles(
  deps: { readonly roles: RoleStore },
  accountId: AccountId,
  page: Page,
  signal: AbortSignal,
): Promise<PageOf<Role | CustomRole>> {
  const { items, nextToken } = await deps.roles.list(accountId, page, signal);
  return { items: page.token === "" ? [...builtInRoles, ...items] : items, nextToken };
}
