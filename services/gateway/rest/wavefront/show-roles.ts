import type { Group } from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import type { Role } from "@portcullis/contracts/portcullis/authorization/v1/role_pb.ts";
import { each } from "../common/each.ts";
import { showMs, showText } from "./fields.ts";
import { batchesOf, identifiersOf } from "./find-accounts.ts";
import { readGrants } from "./holdings.ts";
import { everyoneId, isBuiltInRole, toUuid } from "./ids.ts";
import type { WavefrontCall } from "./operation.ts";
import { toShownPermissions } from "./permissions.ts";
import type { FullRoleView, GroupPartView, RoleView } from "./views.ts";

function showRole({ caller }: WavefrontCall, role: Role): RoleView {
  const isOwn = !isBuiltInRole(role.roleId);
  return {
    id: toUuid(role.roleId),
    name: role.displayName,
    ...showText("description", role.description),
    permissions: [...toShownPermissions(role.permissionIds)],
    customer: caller.accountId,
    ...showMs("createdEpochMillis", role.createTime),
    ...showMs("lastUpdatedMs", role.updateTime),
    properties: {
      nameEditable: isOwn,
      // Administrator is given with a membership, by administrators.
      usersAddable: role.roleId !== "administrator",
      usersRemovable: role.roleId !== "administrator",
      permsEditable: isOwn,
      deletable: isOwn,
    },
  };
}

/** Those of the ids that there are, as roles. */
export async function showRolesById(
  call: WavefrontCall,
  roleIds: readonly string[],
): Promise<readonly RoleView[]> {
  if (roleIds.length === 0) return [];
  const roles = await call.directory.roles();
  return roleIds.flatMap((id) => {
    const role = roles.get(id);
    return role === undefined ? [] : [showRole(call, role)];
  });
}

/** Roles with who has them; of these so many are named. */
export async function showFullRoles(
  call: WavefrontCall,
  roles: readonly Role[],
  namesMax: number,
): Promise<readonly FullRoleView[]> {
  const { clients, options, directory } = call;
  const ids = roles.map(({ roleId }) => roleId);
  const answers = await each(batchesOf(ids), (roleIds) =>
    clients.grants.batchGetRoleHolders({ roleIds: [...roleIds], namesMax }, options),
  );
  const holders = answers.flatMap((answer) => answer.holders);
  const [names, groups, invitations] = await Promise.all([
    identifiersOf(
      call,
      holders.flatMap(({ principalIds }) => principalIds),
    ),
    directory.groups(),
    directory.invitations(),
  ]);
  const invited = invitations.map((invitation) => ({
    email: invitation.email,
    roleIds: readGrants(invitation).roleIds,
  }));
  return roles.map((role, index) => {
    const found = holders[index];
    if (found === undefined) throw new Error("a role without its holders");
    const { principalIds, groupIds, principalCount, groupCount } = found;
    const guests = invited.filter(({ roleIds }) => roleIds.includes(role.roleId));
    const accounts = [
      ...principalIds.flatMap((id) => names.get(id) ?? []),
      ...guests.map(({ email }) => email),
    ];
    return {
      ...showRole(call, role),
      linkedAccountsCount: Number(principalCount) + guests.length,
      linkedGroupsCount: Number(groupCount),
      sampleLinkedAccounts: accounts.slice(0, namesMax),
      sampleLinkedGroups: groupIds.flatMap((id) => {
        const group = groups.get(id);
        return group === undefined ? [] : [showGroupPart(call, group)];
      }),
    };
  });
}

/** A group as a part of something else. */
export function showGroupPart({ caller }: WavefrontCall, group: Group): GroupPartView {
  const isOwn = group.groupId !== everyoneId;
  return {
    id: toUuid(group.groupId),
    name: group.displayName,
    ...showText("description", group.description),
    customer: caller.accountId,
    ...showMs("createdEpochMillis", group.createTime),
    properties: { nameEditable: isOwn, usersEditable: isOwn, rolesEditable: true },
    roleCount: group.roleIds.length,
  };
}
