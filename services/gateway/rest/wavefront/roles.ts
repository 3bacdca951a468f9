import { Code, ConnectError } from "@connectrpc/connect";
import type { Role } from "@portcullis/contracts/portcullis/authorization/v1/role_pb.ts";
import { z } from "zod";
import { addHoldings, noThings, removeHoldings } from "./change-accounts.ts";
import { notFound, WavefrontError } from "./errors.ts";
import { idListBody, pageQuery, pathPart, permissionList, text, windowOf } from "./fields.ts";
import { type Account, findAccounts } from "./find-accounts.ts";
import { fromUuid } from "./ids.ts";
import { pageOf } from "./numbered-pages.ts";
import { type Operation, type WavefrontCall, type WavefrontRequest, withBody } from "./operation.ts";
import { replacePermissions, toOwnPermissions, withoutPermission } from "./permissions.ts";
import { showFullRoles } from "./show-roles.ts";
import { fullRoleView, pageView } from "./views.ts";

const path = "/api/v2/role";
const body = z.object({ name: text, description: text, permissions: permissionList });

/** So many holders of a role are named where it is one of many, and where it is the one asked for. */
const namesInLists = 10;
export const namesOfOne = 1_000;
/** Others may change a role between our reading and our writing, so often. */
const attemptsMax = 5;

/** `/role`. */
export const roleOperations: readonly Operation[] = [
  ...(["grant", "revoke"] as const).map((verb) =>
    withBody({
      id: `${verb}PermissionToRoles`,
      summary: verb === "grant" ? "Put a permission into roles" : "Take a permission out of roles",
      method: "POST",
      path: `${path}/${verb}/{permission}`,
      packing: "enveloped",
      body: idListBody,
      result: fullRoleView,
      async run(call, request) {
        const permission = pathPart(request, "permission");
        const roles: Role[] = [];
        for (const uuid of request.body) roles.push(await requireRole(call, uuid));
        if (roles.length === 0) throw new WavefrontError(400, "The body must be a list of roles.");
        for (const { roleId } of roles) {
          await changePermissions(call, roleId, (ids) =>
            verb === "grant"
              ? [...new Set([...ids, ...toOwnPermissions([permission])])]
              : withoutPermission(ids, permission),
          );
        }
        return await shownAnew(call, roles[0]?.roleId ?? "");
      },
    }),
  ),
  {
    id: "getAllRoles",
    summary: "List roles: built-in ones, then the account's own, newest first",
    method: "GET",
    path,
    query: pageQuery,
    packing: "enveloped",
    result: pageView(fullRoleView),
    async run(call, request) {
      const window = windowOf(request);
      const all = [...(await call.directory.roles()).values()];
      const items = all.slice(window.offset, window.offset + window.limit);
      return pageOf(window, await showFullRoles(call, items, namesInLists), all.length);
    },
  },
  withBody({
    id: "createRole",
    summary: "Create a role",
    method: "POST",
    path,
    packing: "enveloped",
    body,
    result: fullRoleView,
    async run(call, { body: fields }) {
      const displayName = fields.name ?? "";
      if (displayName === "") throw new WavefrontError(400, "name: must be set");
      const permissionIds = [...toOwnPermissions(fields.permissions ?? [])];
      const description = fields.description ?? "";
      const request = { displayName, description, permissionIds };
      const { role } = await call.clients.roles.createRole(request, call.options);
      return await shownAnew(call, role?.roleId ?? "");
    },
  }),
  {
    id: "getRole",
    summary: "Get a role",
    method: "GET",
    path: `${path}/{id}`,
    packing: "enveloped",
    result: fullRoleView,
    run: async (call, request) => await show(call, await requireRole(call, pathPart(request, "id"))),
  },
  withBody({
    id: "updateRole",
    summary: "Change a role; what is left out stays",
    method: "PUT",
    path: `${path}/{id}`,
    packing: "enveloped",
    body,
    result: fullRoleView,
    async run(call, request) {
      const role = await requireRole(call, pathPart(request, "id"));
      const { name, description, permissions } = request.body;
      const change = {
        displayName: name ?? role.displayName,
        description: description ?? role.description,
        permissionIds:
          permissions == null ? role.permissionIds : [...replacePermissions(role.permissionIds, permissions)],
      };
      const isSame = (ids: readonly string[]) =>
        ids.toSorted().join() === role.permissionIds.toSorted().join();
      const paths = [
        ...(change.displayName === role.displayName ? [] : ["display_name"]),
        ...(change.description === role.description ? [] : ["description"]),
        ...(isSame(change.permissionIds) ? [] : ["permission_ids"]),
      ];
      if (paths.length > 0) {
        const { roleId } = role;
        await call.clients.roles.updateRole({ roleId, ...change, updateMask: { paths } }, call.options);
      }
      return await shownAnew(call, role.roleId);
    },
  }),
  {
    id: "deleteRole",
    summary: "Delete a role, for ever; who has it loses it",
    method: "DELETE",
    path: `${path}/{id}`,
    packing: "enveloped",
    result: fullRoleView,
    async run(call, request) {
      const role = await requireRole(call, pathPart(request, "id"));
      const view = await show(call, role);
      await call.clients.roles.deleteRole({ roleId: role.roleId, force: true }, call.options);
      return view;
    },
  },
  withBody({
    id: "addAssignees",
    summary: "Give a role to accounts and groups",
    method: "POST",
    path: `${path}/{id}/addAssignees`,
    packing: "enveloped",
    body: idListBody,
    result: fullRoleView,
    async run(call, request) {
      const { roleId } = await requireRole(call, pathPart(request, "id"));
      const { accounts, groupIds } = await assigneesOf(call, request);
      for (const groupId of groupIds) {
        await call.clients.groups.addGroupRoles({ groupId, roleIds: [roleId] }, call.options);
      }
      await addHoldings(call, accounts, { ...noThings, roleIds: [roleId] });
      return await shownAnew(call, roleId);
    },
  }),
  withBody({
    id: "removeAssignees",
    summary: "Take a role from accounts and groups",
    method: "POST",
    path: `${path}/{id}/removeAssignees`,
    packing: "enveloped",
    body: idListBody,
    result: fullRoleView,
    async run(call, request) {
      const { roleId } = await requireRole(call, pathPart(request, "id"));
      const { accounts, groupIds } = await assigneesOf(call, request);
      for (const groupId of groupIds) {
        await call.clients.groups.removeGroupRoles({ groupId, roleIds: [roleId] }, call.options);
      }
      await removeHoldings(call, accounts, { roleIds: [roleId], groupIds: [] });
      return await shownAnew(call, roleId);
    },
  }),
];

/** Accounts and groups of a list. Those that there are not are left out, and the answer says so; 400 if none is. */
async function assigneesOf(
  call: WavefrontCall,
  { body: ids }: WavefrontRequest<readonly string[]>,
): Promise<{ readonly accounts: readonly Account[]; readonly groupIds: readonly string[] }> {
  const groups = await call.directory.groups();
  const groupIds = ids.flatMap((id) => fromUuid("grp", id) ?? []).filter((id) => groups.has(id));
  const others = ids.filter((id) => fromUuid("grp", id) === undefined);
  const { accounts } = await findAccounts(call, others);
  const unknown = new Set(ids).size - new Set(groupIds).size - accounts.length;
  if (accounts.length + groupIds.length === 0) {
    throw new WavefrontError(400, "No valid user or user group IDs were found.");
  }
  if (unknown > 0) call.notes.push(`Unknown users and user groups were ignored: ${unknown}`);
  return { accounts, groupIds: [...new Set(groupIds)] };
}

async function requireRole(call: WavefrontCall, uuid: string): Promise<Role> {
  const roleId = fromUuid("role", uuid);
  if (roleId === undefined) throw notFound("role");
  const { role } = await call.clients.roles.getRole({ roleId }, call.options);
  if (role === undefined) throw notFound("role");
  return role;
}

/** Rests on what was read: if others change it meanwhile, it is read again. */
async function changePermissions(
  { clients: { roles }, options }: WavefrontCall,
  roleId: string,
  plan: (permissionIds: readonly string[]) => readonly string[],
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const { role } = await roles.getRole({ roleId }, options);
    const permissionIds = [...plan(role?.permissionIds ?? [])];
    const request = {
      roleId,
      permissionIds,
      etag: role?.etag ?? "",
      updateMask: { paths: ["permission_ids"] },
    };
    try {
      await roles.updateRole(request, options);
      return;
    } catch (error) {
      const isStale = error instanceof ConnectError && error.code === Code.Aborted;
      if (!isStale || attempt === attemptsMax) throw error;
    }
  }
}

async function show(call: WavefrontCall, role: Role) {
  return (await showFullRoles(call, [role], namesOfOne))[0];
}

async function shownAnew(call: WavefrontCall, roleId: string) {
  call.directory.forget();
  const { role } = await call.clients.roles.getRole({ roleId }, call.options);
  if (role === undefined) throw new Error("an answer without its role");
  return await show(call, role);
}
