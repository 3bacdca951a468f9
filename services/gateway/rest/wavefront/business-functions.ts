import type { WavefrontCall } from "./operation.ts";

/**
 * Which of the fine-grained rights of contracts/wavefront.md §1.3 come with which permission of ours. Which come with
 * which of Wavefront's own was never published; rights about data are not ours to tell.
 */
const functionsOf: Readonly<Record<string, readonly string[]>> = {
  "authorization.grants.write": ["ADMINISTER_GROUPS"],
  "authorization.groups.write": ["ADMINISTER_USER_GROUPS"],
  "authorization.policy.write": ["ADMINISTER_CUSTOMER_PREFERENCES"],
  "authorization.roles.write": ["ROLES_MANAGEMENT"],
  "credential.credentials.read": ["GET_TOKENS"],
  "credential.credentials.write": ["CREATE_TOKEN", "REVOKE_TOKEN"],
  "credential.service_owners.assign": ["ADMINISTER_ALL_TOKENS"],
  "credential.sessions.end": ["REVOKE_ALL_SESSIONS"],
  "identity.members.invite": ["INVITE_USER"],
  "identity.members.manage": ["DELETE_ACCOUNT"],
  "identity.members.read": ["GET_ALL_ACCOUNTS", "GET_ALL_USERS"],
  "identity.service_users.read": ["GET_ALL_SERVICE_ACCOUNTS"],
  "identity.service_users.write": ["ADMINISTER_SERVICE_ACCOUNTS"],
};

/** What each person can do, whatever it was given. */
const functionsOfPeople = ["CHANGE_PASSWORD", "LOGIN", "LOGOUT", "SEND_FORGOTTEN_PASSWORD_EMAILS"];

/** What a principal may do at this moment, in words of this API. */
export async function businessFunctionsOf(
  { clients, options }: WavefrontCall,
  principalId: string,
): Promise<readonly string[]> {
  const { permissions } = await clients.checks.listPermissions({ principalId }, options);
  const found = permissions.flatMap(({ permissionId }) => functionsOf[permissionId] ?? []);
  const ofPeople = principalId.startsWith("svc_") ? [] : functionsOfPeople;
  return [...new Set([...found, ...ofPeople])].toSorted();
}
