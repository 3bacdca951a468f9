import { getGroup } from "./get-group.ts";
import type { GroupStore } from "./group-ports.ts";
import type { AccountId } from "./ids.ts";
import type { Page, PageOf } from "./page.ts";

/** By id. GROUP_NOT_FOUND. */
export async function listGroupMembers(
  deps: { readonly groups: GroupStore },
  accountId: AccountId,
  groupId: string,
  page: Page,
  signal: AbortSignal,
): Promise<PageOf<string>> {
  await getGroup(deps, accountId, groupId, signal);
  return deps.groups.listMembers(accountId, groupId, page, signal);
}
