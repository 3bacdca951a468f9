import {
  BillingRole,
  DeveloperRole,
  type Invitation,
  TeamRole,
} from "@portcullis/contracts/portcullis/identity/v1/invitation_pb.ts";
import { each } from "../common/each.ts";
import { type Account, batchesOf, principalIdOf } from "./find-accounts.ts";
import { everyoneId } from "./ids.ts";
import type { WavefrontCall } from "./operation.ts";

/** What an account was given, and what that amounts to; all of it by our own ids. */
export interface Held {
  readonly permissionIds: readonly string[];
  readonly roleIds: readonly string[];
  /** Everyone is one of them. */
  readonly groupIds: readonly string[];
  readonly unitedPermissionIds: readonly string[];
  readonly unitedRoleIds: readonly string[];
}

const nothing: Held = {
  permissionIds: [],
  roleIds: [],
  groupIds: [everyoneId],
  unitedPermissionIds: [],
  unitedRoleIds: [],
};

/** What each of the accounts holds, in their order. */
export async function heldBy(call: WavefrontCall, accounts: readonly Account[]): Promise<readonly Held[]> {
  const { clients, options } = call;
  const ids = [...new Set(accounts.flatMap((account) => principalIdOf(account) ?? []))];
  const answers = await each(batchesOf(ids), (principalIds) =>
    clients.grants.batchGetHoldings({ principalIds: [...principalIds] }, options),
  );
  const byId = new Map(
    answers.flatMap(({ holdings }) => holdings).map((holdings) => [holdings.principalId, holdings]),
  );
  return await each(accounts, async (account) => {
    if (account.is === "invited") return await heldOnceJoined(call, account.invitation);
    const found = byId.get(principalIdOf(account) ?? "");
    if (found === undefined) return nothing;
    return {
      permissionIds: found.directPermissionIds,
      roleIds: found.assignedRoleIds,
      groupIds: found.groupIds,
      unitedPermissionIds: found.permissionIds,
      unitedRoleIds: found.roleIds,
    };
  });
}

/** What somebody who was invited will have. */
async function heldOnceJoined({ directory }: WavefrontCall, invitation: Invitation): Promise<Held> {
  const { permissionIds, roleIds, groupIds, memberRoleIds } = readGrants(invitation);
  const [roles, groups] = await Promise.all([directory.roles(), directory.groups()]);
  const allGroupIds = [...new Set([...groupIds, everyoneId])].toSorted();
  const ofGroups = allGroupIds.flatMap((groupId) => groups.get(groupId)?.roleIds ?? []);
  const unitedRoleIds = [...new Set([...memberRoleIds, ...roleIds, ...ofGroups])].toSorted();
  const ofRoles = unitedRoleIds.flatMap((roleId) => roles.get(roleId)?.permissionIds ?? []);
  return {
    permissionIds,
    roleIds,
    groupIds: allGroupIds,
    unitedPermissionIds: [...new Set([...permissionIds, ...ofRoles])].toSorted(),
    unitedRoleIds,
  };
}

/** The values of a membership, as invitations write them. */
const developers = new Map([
  ["developer_read_write", DeveloperRole.READ_WRITE],
  ["developer_read_only", DeveloperRole.READ_ONLY],
]);
const teams = new Map([
  ["team_manager", TeamRole.MANAGER],
  ["team_invite_only", TeamRole.INVITE_ONLY],
  ["team_read_only", TeamRole.READ_ONLY],
]);
const billings = new Map([
  ["billing_access", BillingRole.ACCESS],
  ["billing_none", BillingRole.NONE],
]);

/** What an invitation carries: the values of the membership, and what is given beside them. */
export interface InvitationContent {
  readonly permissionIds: readonly string[];
  readonly roleIds: readonly string[];
  readonly groupIds: readonly string[];
  readonly memberRoleIds: readonly string[];
}

export function readGrants({ grants }: Invitation): InvitationContent {
  const of = (kind: string) =>
    grants.filter((grant) => grant.startsWith(`${kind}:`)).map((grant) => grant.slice(kind.length + 1));
  const isMemberRole = (id: string) =>
    id === "administrator" || developers.has(id) || teams.has(id) || billings.has(id);
  return {
    permissionIds: of("permission").toSorted(),
    roleIds: of("role")
      .filter((id) => !isMemberRole(id))
      .toSorted(),
    groupIds: of("group").toSorted(),
    memberRoleIds: of("role").filter(isMemberRole),
  };
}

/** What a person who comes by way of this API is to begin with: who may see, and nothing else. */
export const newMemberRoleIds = ["developer_read_only", "team_read_only", "billing_none"];

export function toGrants({ permissionIds, roleIds, groupIds, memberRoleIds }: InvitationContent) {
  const valueOf = <Value>(values: ReadonlyMap<string, Value>) =>
    memberRoleIds.map((id) => values.get(id)).find((value) => value !== undefined);
  return {
    developer: valueOf(developers) ?? DeveloperRole.READ_ONLY,
    team: valueOf(teams) ?? TeamRole.READ_ONLY,
    billing: valueOf(billings) ?? BillingRole.NONE,
    administrator: memberRoleIds.includes("administrator"),
    permissionIds: [...permissionIds],
    roleIds: [...roleIds],
    groupIds: groupIds.filter((id) => id !== everyoneId),
  };
}
