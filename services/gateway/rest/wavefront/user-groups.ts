import type { Group } from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import { z } from "zod";
import { listedAccounts } from "./account-changes.ts";
import { addHoldings, knownRoleIds, noThings, removeHoldings, requireLeavable } from "./change-accounts.ts";
import { notFound, WavefrontError } from "./errors.ts";
import { idList, idListBody, pageQuery, pathPart, text, windowOf } from "./fields.ts";
import { everyoneId, fromUuid } from "./ids.ts";
import { pageOf } from "./numbered-pages.ts";
import { type Operation, type WavefrontCall, type WavefrontRequest, withBody } from "./operation.ts";
import { showGroups } from "./show-groups.ts";
import { groupView, pageView } from "./views.ts";
import { wholeOrNothing } from "./whole.ts";

const path = "/api/v2/usergroup";
const body = z.object({ name: text, description: text, roleIDs: idList });

/** `/usergroup`. */
export const userGroupOperations: readonly Operation[] = [
  {
    id: "getAllUserGroups",
    summary: "List user groups: Everyone, then the others, newest first",
    method: "GET",
    path,
    query: pageQuery,
    packing: "enveloped",
    result: pageView(groupView),
    async run(call, request) {
      const window = windowOf(request);
      const all = [...(await call.directory.groups()).values()];
      const items = all.slice(window.offset, window.offset + window.limit);
      return pageOf(window, await showGroups(call, items), all.length);
    },
  },
  withBody({
    id: "createUserGroup",
    summary: "Create a user group",
    method: "POST",
    path,
    packing: "enveloped",
    body,
    result: groupView,
    async run(call, { body: fields }) {
      const { clients, options } = call;
      const displayName = fields.name ?? "";
      if (displayName === "") throw new WavefrontError(400, "name: must be set");
      const roleIds = (await knownRoleIds(call, fields.roleIDs)) ?? [];
      const description = fields.description ?? "";
      const { group } = await clients.groups.createGroup({ displayName, description }, options);
      const groupId = group?.groupId ?? "";
      await wholeOrNothing(
        async () => {
          if (roleIds.length === 0) return;
          await clients.groups.addGroupRoles({ groupId, roleIds: [...roleIds] }, options);
        },
        () => clients.groups.deleteGroup({ groupId, force: true }, options),
      );
      return await shownAnew(call, groupId);
    },
  }),
  {
    id: "getUserGroup",
    summary: "Get a user group",
    method: "GET",
    path: `${path}/{id}`,
    packing: "enveloped",
    result: groupView,
    run: async (call, request) => (await showGroups(call, [await requireGroup(call, request)]))[0],
  },
  withBody({
    id: "updateUserGroup",
    summary: "Change a user group; what is left out stays",
    method: "PUT",
    path: `${path}/{id}`,
    packing: "enveloped",
    body,
    result: groupView,
    async run(call, request) {
      const group = await requireGroup(call, request);
      const roleIds = await knownRoleIds(call, request.body.roleIDs);
      await rename(call, group, request.body);
      if (roleIds !== undefined) await setRoles(call, group, roleIds);
      return await shownAnew(call, group.groupId);
    },
  }),
  {
    id: "deleteUserGroup",
    summary: "Delete a user group, for ever; its members lose what it gave",
    method: "DELETE",
    path: `${path}/{id}`,
    packing: "enveloped",
    result: groupView,
    async run(call, request) {
      const group = await requireGroup(call, request);
      const [view] = await showGroups(call, [group]);
      await call.clients.groups.deleteGroup({ groupId: group.groupId, force: true }, call.options);
      return view;
    },
  },
  withBody({
    id: "addUsersToUserGroup",
    summary: "Add accounts to a user group",
    method: "POST",
    path: `${path}/{id}/addUsers`,
    packing: "enveloped",
    body: idListBody,
    result: groupView,
    async run(call, request) {
      const { groupId } = await requireGroup(call, request);
      const accounts = await listedAccounts(call, request.body);
      await addHoldings(call, accounts, { ...noThings, groupIds: [groupId] });
      return await shownAnew(call, groupId);
    },
  }),
  withBody({
    id: "removeUsersFromUserGroup",
    summary: "Remove accounts from a user group",
    method: "POST",
    path: `${path}/{id}/removeUsers`,
    packing: "enveloped",
    body: idListBody,
    result: groupView,
    async run(call, request) {
      const { groupId } = await requireGroup(call, request);
      requireLeavable([groupId]);
      const accounts = await listedAccounts(call, request.body);
      await removeHoldings(call, accounts, { roleIds: [], groupIds: [groupId] });
      return await shownAnew(call, groupId);
    },
  }),
  withBody({
    id: "addRolesToUserGroup",
    summary: "Give a user group roles",
    method: "POST",
    path: `${path}/{id}/addRoles`,
    packing: "enveloped",
    body: idListBody,
    result: groupView,
    async run(call, request) {
      const group = await requireGroup(call, request);
      const added = (await knownRoleIds(call, request.body)) ?? [];
      await setRoles(call, group, [...new Set([...group.roleIds, ...added])]);
      return await shownAnew(call, group.groupId);
    },
  }),
  withBody({
    id: "removeRolesFromUserGroup",
    summary: "Take roles from a user group",
    method: "POST",
    path: `${path}/{id}/removeRoles`,
    packing: "enveloped",
    body: idListBody,
    result: groupView,
    async run(call, request) {
      const group = await requireGroup(call, request);
      const removed = request.body.map((uuid) => fromUuid("role", uuid));
      await setRoles(
        call,
        group,
        group.roleIds.filter((id) => !removed.includes(id)),
      );
      return await shownAnew(call, group.groupId);
    },
  }),
];

async function requireGroup(call: WavefrontCall, request: WavefrontRequest<unknown>): Promise<Group> {
  const groupId = fromUuid("grp", pathPart(request, "id"));
  if (groupId === undefined) throw notFound("user group");
  const { group } = await call.clients.groups.getGroup({ groupId }, call.options);
  if (group === undefined) throw notFound("user group");
  return group;
}

/** Only what differs: Everyone's name may be written back, not changed. */
async function rename(
  { clients, options }: WavefrontCall,
  group: Group,
  fields: z.output<typeof body>,
): Promise<void> {
  const displayName = fields.name ?? group.displayName;
  // Everyone's description is ours; clients write back that it has none.
  const isFixed = group.groupId === everyoneId && (fields.description ?? "") === "";
  const description = isFixed ? group.description : (fields.description ?? group.description);
  const paths = [
    ...(displayName === group.displayName ? [] : ["display_name"]),
    ...(description === group.description ? [] : ["description"]),
  ];
  if (paths.length === 0) return;
  const { groupId } = group;
  await clients.groups.updateGroup({ groupId, displayName, description, updateMask: { paths } }, options);
}

async function setRoles(
  { clients, options }: WavefrontCall,
  { groupId, roleIds: before }: Group,
  after: readonly string[],
): Promise<void> {
  const taken = before.filter((id) => !after.includes(id));
  const given = after.filter((id) => !before.includes(id));
  if (taken.length > 0) await clients.groups.removeGroupRoles({ groupId, roleIds: taken }, options);
  if (given.length > 0) await clients.groups.addGroupRoles({ groupId, roleIds: given }, options);
}

async function shownAnew(call: WavefrontCall, groupId: string) {
  call.directory.forget();
  const { group } = await call.clients.groups.getGroup({ groupId }, call.options);
  if (group === undefined) throw new Error("an answer without its group");
  return (await showGroups(call, [group]))[0];
}
