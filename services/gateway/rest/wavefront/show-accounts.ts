import { ServiceUserState } from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import { showMs, showText } from "./fields.ts";
import type { Account, PersonAccount, ServiceAccount } from "./find-accounts.ts";
import { type Held, heldBy } from "./holdings.ts";
import { toUuid } from "./ids.ts";
import type { WavefrontCall } from "./operation.ts";
import { toShownPermissions } from "./permissions.ts";
import { showGroupPart, showRolesById } from "./show-roles.ts";
import { tokensOfServices } from "./show-tokens.ts";
import type { AccountView, FoundUserView, ServiceAccountView, TokenView, UserView } from "./views.ts";

export async function showAccounts(
  call: WavefrontCall,
  accounts: readonly Account[],
): Promise<readonly AccountView[]> {
  const held = await heldBy(call, accounts);
  return accounts.map(({ identifier }, index) => ({ identifier, ...showHeld(held[index]) }));
}

export async function showFoundUsers(
  call: WavefrontCall,
  people: readonly PersonAccount[],
): Promise<readonly FoundUserView[]> {
  const held = await heldBy(call, people);
  return people.map((person, index) => ({
    id: person.identifier,
    identifier: person.identifier,
    customer: call.caller.accountId,
    self: person.is === "member" && person.membership.principalId === call.caller.principalId,
    ...showLastLogin(person),
    escapedIdentifier: encodeURIComponent(person.identifier),
    ...showHeld(held[index]),
  }));
}

/** Also of service accounts: some operations answer so whomever they are about. */
export async function showUsers(
  call: WavefrontCall,
  accounts: readonly Account[],
): Promise<readonly UserView[]> {
  const held = await heldBy(call, accounts);
  return await Promise.all(
    accounts.map(async (account, index) => {
      const { groups, userGroups, roles } = await showParts(call, held[index]);
      const { identifier } = account;
      const customer = call.caller.accountId;
      return { identifier, customer, groups, userGroups, roles, ...showLastLogin(account) };
    }),
  );
}

/** One of them, read anew. */
export async function showUser(call: WavefrontCall, account: Account): Promise<UserView> {
  const [view] = await showUsers(call, [account]);
  if (view === undefined) throw new Error("an account without its view");
  return view;
}

export async function showServices(
  call: WavefrontCall,
  services: readonly ServiceAccount[],
): Promise<readonly ServiceAccountView[]> {
  const [held, tokens] = await Promise.all([heldBy(call, services), tokensOfServices(call, services)]);
  return await Promise.all(
    services.map(async ({ identifier, serviceUser }, index) => {
      const { unitedPermissions, unitedRoles } = showHeld(held[index]);
      return {
        identifier,
        active: serviceUser.state === ServiceUserState.ACTIVE,
        ...showText("description", serviceUser.description),
        tokens: [...(tokens[index] ?? [])],
        ...showLastUse(tokens[index] ?? []),
        ...(await showParts(call, held[index])),
        unitedPermissions,
        unitedRoles,
      };
    }),
  );
}

/** Of whichever of its tokens was used last. */
function showLastUse(tokens: readonly TokenView[]): { readonly lastUsed?: number } {
  const times = tokens.flatMap(({ lastUsed }) => lastUsed ?? []);
  return times.length === 0 ? {} : { lastUsed: Math.max(...times) };
}

function showLastLogin(account: Account): { readonly lastSuccessfulLogin?: number } {
  return account.is === "member" ? showMs("lastSuccessfulLogin", account.membership.lastSignInTime) : {};
}

function showHeld(held: Held | undefined) {
  if (held === undefined) throw new Error("an account without its holdings");
  return {
    groups: [...toShownPermissions(held.permissionIds)],
    userGroups: held.groupIds.map(toUuid),
    roles: held.roleIds.map(toUuid),
    unitedPermissions: [...toShownPermissions(held.unitedPermissionIds)],
    unitedRoles: held.unitedRoleIds.map(toUuid),
  };
}

async function showParts(call: WavefrontCall, held: Held | undefined) {
  if (held === undefined) throw new Error("an account without its holdings");
  const groups = await call.directory.groups();
  return {
    groups: [...toShownPermissions(held.permissionIds)],
    userGroups: held.groupIds.flatMap((id) => {
      const group = groups.get(id);
      return group === undefined ? [] : [showGroupPart(call, group)];
    }),
    roles: [...(await showRolesById(call, held.roleIds))],
  };
}
