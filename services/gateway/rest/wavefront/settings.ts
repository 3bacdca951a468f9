import {
  type AccountPolicy,
  NewObjectAccess,
} from "@portcullis/contracts/portcullis/authorization/v1/policy_pb.ts";
import { z } from "zod";
import { knownGroupIds } from "./change-accounts.ts";
import { flag, idList, permissionList } from "./fields.ts";
import { everyoneId } from "./ids.ts";
import { type Operation, type WavefrontCall, withBody } from "./operation.ts";
import { labelOf, replacePermissions, toShownPermissions } from "./permissions.ts";
import { showGroups } from "./show-groups.ts";
import { groupView } from "./views.ts";

const path = "/api/v2/customer";

const permissionView = z.strictObject({
  groupName: z.string().describe("The permission's id."),
  displayName: z.string(),
  description: z.string(),
  requiredDefault: z.boolean(),
});

const preferencesView = z.strictObject({
  customerId: z.string(),
  grantModifyAccessToEveryone: z.boolean(),
  defaultUserGroups: z.array(groupView),
  invitePermissions: z.array(z.string()),
});

const body = z.object({
  grantModifyAccessToEveryone: flag,
  defaultUserGroups: idList,
  invitePermissions: permissionList,
});

/** `/customer`: what the account has decided. */
export const settingsOperations: readonly Operation[] = [
  {
    id: "getAllPermissions",
    summary: "List the permissions that can be given",
    method: "GET",
    path: `${path}/permissions`,
    packing: "bare",
    result: z.array(permissionView),
    async run({ clients, options }) {
      const { permissions } = await clients.catalog.listCatalogPermissions({}, options);
      return permissions
        .filter(({ permissionId, retired }) => !retired && !permissionId.startsWith("installation."))
        .map(({ permissionId, description }) => ({
          groupName: permissionId,
          displayName: labelOf(permissionId),
          description,
          requiredDefault: false,
        }));
    },
  },
  {
    id: "getDefaultUserGroups",
    summary: "List the groups that new users are put into",
    method: "GET",
    path: `${path}/preferences/defaultUserGroups`,
    packing: "enveloped",
    result: z.array(groupView),
    run: async (call) => await showDefaultGroups(call, await readPolicy(call)),
  },
  {
    id: "getCustomerPreferences",
    summary: "Get the account's settings",
    method: "GET",
    path: `${path}/preferences`,
    packing: "bare",
    result: preferencesView,
    run: async (call) => await show(call, await readPolicy(call)),
  },
  withBody({
    id: "postCustomerPreferences",
    summary: "Change the account's settings; what is left out stays",
    method: "POST",
    path: `${path}/preferences`,
    packing: "bare",
    body,
    result: preferencesView,
    async run(call, { body: fields }) {
      const groupIds = await knownGroupIds(call, fields.defaultUserGroups);
      const before = await readPolicy(call);
      const { grantModifyAccessToEveryone: isOpen, invitePermissions } = fields;
      const paths = [
        ...(isOpen == null ? [] : ["new_object_access"]),
        ...(groupIds === undefined ? [] : ["default_group_ids"]),
        ...(invitePermissions == null ? [] : ["default_permission_ids"]),
      ];
      if (paths.length === 0) return await show(call, before);
      const { policy } = await call.clients.policies.updateAccountPolicy(
        {
          newObjectAccess: isOpen === false ? NewObjectAccess.CREATOR_ONLY : NewObjectAccess.EVERYONE,
          // Everybody is in Everyone, whether it is named or not.
          defaultGroupIds: groupIds?.filter((id) => id !== everyoneId) ?? [],
          defaultPermissionIds: [...replacePermissions(before.defaultPermissionIds, invitePermissions ?? [])],
          etag: before.etag,
          updateMask: { paths },
        },
        call.options,
      );
      return await show(call, policy ?? before);
    },
  }),
];

async function readPolicy({ clients, options }: WavefrontCall): Promise<AccountPolicy> {
  const { policy } = await clients.policies.getAccountPolicy({}, options);
  if (policy === undefined) throw new Error("an answer without its policy");
  return policy;
}

async function show(call: WavefrontCall, policy: AccountPolicy) {
  return {
    customerId: policy.accountId,
    grantModifyAccessToEveryone: policy.newObjectAccess === NewObjectAccess.EVERYONE,
    defaultUserGroups: await showDefaultGroups(call, policy),
    invitePermissions: toShownPermissions(policy.defaultPermissionIds),
  };
}

async function showDefaultGroups(call: WavefrontCall, { defaultGroupIds }: AccountPolicy) {
  const groups = await call.directory.groups();
  const found = [everyoneId, ...defaultGroupIds].flatMap((id) => groups.get(id) ?? []);
  return await showGroups(call, found);
}
