import { presentGroup } from "./create-group.ts";
import type { Group } from "./group.ts";
import type { GroupStore } from "./group-ports.ts";
import { type AccountId, everyoneId } from "./ids.ts";

/** A group with its roles, Everyone too. GROUP_NOT_FOUND. */
export async function getGroup(
  deps: { readonly groups: GroupStore },
  accountId: AccountId,
  groupId: string,
  signal: AbortSignal,
): Promise<Group> {
  if (groupId !== everyoneId) return presentGroup(deps, accountId, groupId, signal);
  const roleIds = await deps.groups.everyonesRoles(accountId, signal);
  return { accountId, groupId: everyoneId, roleIds };
}
