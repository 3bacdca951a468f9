import { getGroup } from "./get-group.ts";
import type { Group } from "./group.ts";
import type { GroupStore } from "./group-ports.ts";
import { type AccountId, everyoneId } from "./ids.ts";
import type { PrincipalFilter } from "./list-role-bindings.ts";
import type { Page, PageOf } from "./page.ts";

/** On the first page Everyone, then the others, newest first. */
export async function listGroups(
  deps: { readonly groups: GroupStore },
  accountId: AccountId,
  filter: PrincipalFilter,
  page: Page,
  signal: AbortSignal,
): Promise<PageOf<Group>> {
  if (filter.of === "nobody") return { items: [], nextToken: "" };
  const principalId = filter.of === "all" ? undefined : filter.principalId;
  const { items, nextToken } = await deps.groups.list(accountId, principalId, page, signal);
  if (page.token !== "") return { items, nextToken };
  return { items: [await getGroup(deps, accountId, everyoneId, signal), ...items], nextToken };
}
