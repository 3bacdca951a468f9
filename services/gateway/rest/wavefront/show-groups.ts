import type { Group } from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import { each } from "../common/each.ts";
import { identifiersOf } from "./find-accounts.ts";
import { readGrants } from "./holdings.ts";
import { everyoneId } from "./ids.ts";
import { readAll } from "./numbered-pages.ts";
import type { WavefrontCall } from "./operation.ts";
import { showGroupPart, showRolesById } from "./show-roles.ts";
import type { GroupView } from "./views.ts";

/** So many members of a group are named; all of them are counted. */
const usersMax = 5_000;

/** Groups with their members and roles. Who is in Everyone is only counted. */
export async function showGroups(
  call: WavefrontCall,
  groups: readonly Group[],
): Promise<readonly GroupView[]> {
  const members = await each(groups, ({ groupId, memberCount }) =>
    groupId === everyoneId || memberCount === 0n ? Promise.resolve([]) : membersOf(call, groupId),
  );
  const [names, invitations] = await Promise.all([
    identifiersOf(call, members.flat()),
    call.directory.invitations(),
  ]);
  const invited = invitations.map((invitation) => ({
    email: invitation.email,
    groupIds: readGrants(invitation).groupIds,
  }));
  return await each([...groups.entries()], async ([index, group]) => {
    const { roleCount: _, ...part } = showGroupPart(call, group);
    const roles = [...(await showRolesById(call, group.roleIds))];
    const common = { ...part, roles, roleCount: roles.length };
    if (group.groupId === everyoneId) return { ...common, userCount: await countEverybody(call) };
    const guests = invited.filter(({ groupIds }) => groupIds.includes(group.groupId));
    const users = [
      ...(members[index] ?? []).flatMap((id) => names.get(id) ?? []),
      ...guests.map(({ email }) => email),
    ];
    return { ...common, users, userCount: Number(group.memberCount) + guests.length };
  });
}

function membersOf({ clients, options }: WavefrontCall, groupId: string): Promise<readonly string[]> {
  return readAll(async (pageSize, pageToken) => {
    const request = { groupId, pageSize, pageToken };
    const page = await clients.groups.listGroupMembers(request, options);
    return { items: page.principalIds, nextPageToken: page.nextPageToken };
  }, usersMax);
}

/** Members, those who were invited, and service accounts. */
async function countEverybody({ clients, options }: WavefrontCall): Promise<number> {
  const request = { pageSize: 1, withTotalSize: true };
  const totals = await Promise.all([
    clients.memberships.listMemberships(request, options),
    clients.invitations.listInvitations(request, options),
    clients.serviceUsers.listServiceUsers(request, options),
  ]);
  return totals.reduce((sum, { totalSize }) => sum + Number(totalSize), 0);
}
