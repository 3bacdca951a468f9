import { z } from "zod";
import {
  addHoldings,
  changeHoldings,
  knownGroupIds,
  knownRoleIds,
  noThings,
  removeHoldings,
} from "./change-accounts.ts";
import { notFound, WavefrontError } from "./errors.ts";
import { idListBody, pathPart } from "./fields.ts";
import { type Account, findAccounts, requireAccount } from "./find-accounts.ts";
import { fromUuid } from "./ids.ts";
import {
  type Operation,
  operationId,
  type WavefrontCall,
  type WavefrontRequest,
  withBody,
} from "./operation.ts";
import { withoutPermission } from "./permissions.ts";
import { showUser } from "./show-accounts.ts";
import { userView } from "./views.ts";

/** What is done to the accounts, by which permission. */
type Verb = (call: WavefrontCall, accounts: readonly Account[], permission: string) => Promise<void>;

const grant: Verb = (call, accounts, permission) =>
  addHoldings(call, accounts, { ...noThings, permissionIds: [permission] });

const revoke: Verb = (call, accounts, permission) =>
  changeHoldings(call, accounts, (held) => ({
    ...held,
    permissionIds: withoutPermission(held.permissionIds, permission),
  }));

const verbs = { grant, revoke } as const;

/** The accounts of a list. Those that there are not are left out, and the answer says so; 400 if none is there. */
export async function listedAccounts(
  call: WavefrontCall,
  identifiers: readonly string[],
): Promise<readonly Account[]> {
  const { accounts, unknown } = await findAccounts(call, identifiers);
  if (accounts.length === 0) throw new WavefrontError(400, "No valid account IDs were found.");
  if (unknown.length > 0) call.notes.push(`Unknown accounts were ignored: ${unknown.length}`);
  return accounts;
}

/** Grants and revocations of permissions, of many accounts, under `/account` or the older `/user`. */
export function bulkPermissionOperations(prefix: string, idPrefix: string): readonly Operation[] {
  return (["grant", "revoke"] as const).map((verb) =>
    withBody({
      id: operationId(idPrefix, `${verb === "grant" ? "GrantPermissionTo" : "RevokePermissionFrom"}Accounts`),
      summary: `${verb === "grant" ? "Grant a permission to" : "Revoke a permission from"} accounts`,
      method: "POST",
      path: `${prefix}/${verb}/{permission}`,
      packing: "merged",
      body: idListBody,
      result: userView,
      async run(call, request) {
        const accounts = await listedAccounts(call, request.body);
        await verbs[verb](call, accounts, pathPart(request, "permission"));
        return await shownAnew(call, accounts[0]?.identifier ?? "");
      },
    }),
  );
}

/** As bulkPermissionOperations, of the one account in the path. */
export function permissionOperations(): readonly Operation[] {
  return (["grant", "revoke"] as const).map((verb) => ({
    id: verb === "grant" ? "grantAccountPermission" : "revokeAccountPermission",
    summary: verb === "grant" ? "Grant an account a permission" : "Revoke an account's permission",
    method: "POST",
    path: `/api/v2/account/{id}/${verb}/{permission}`,
    packing: "merged",
    result: userView,
    run: (call, request) =>
      changeByPath(call, request, (account) => verbs[verb](call, [account], pathPart(request, "permission"))),
  }));
}

const formBody = z.object({ group: z.string().max(128).nullish() });

/** The older spelling, whose permission is in a form. */
export function formPermissionOperations(prefix: string): readonly Operation[] {
  return (["grant", "revoke"] as const).map((verb) =>
    withBody({
      id: verb === "grant" ? "userGrantPermission" : "userRevokePermission",
      summary: verb === "grant" ? "Grant a user a permission" : "Revoke a user's permission",
      method: "POST",
      path: `${prefix}/{id}/${verb}`,
      isForm: true,
      packing: "merged",
      body: formBody,
      result: userView,
      async run(call, request) {
        const { group } = request.body;
        if (group == null || group === "") {
          throw new WavefrontError(400, "group: the permission is missing");
        }
        return await changeByPath(call, request, (account) => verbs[verb](call, [account], group));
      },
    }),
  );
}

/** Roles and groups, given to the account in the path and taken from it. */
export function membershipOperations(
  prefix: string,
  idPrefix: string,
  things: readonly ("Roles" | "UserGroups")[],
): readonly Operation[] {
  return things.flatMap((thing) => [
    withBody({
      id: operationId(idPrefix, `AddAccount${thing}`),
      summary: `Add ${thing === "Roles" ? "roles" : "groups"} to an account`,
      method: "POST",
      path: `${prefix}/{id}/add${thing}`,
      packing: "merged",
      body: idListBody,
      result: userView,
      run: (call, request) =>
        changeByPath(call, request, async (account) => {
          const isRoles = thing === "Roles";
          const roleIds = (await knownRoleIds(call, isRoles ? request.body : [])) ?? [];
          const groupIds = (await knownGroupIds(call, isRoles ? [] : request.body)) ?? [];
          await addHoldings(call, [account], { ...noThings, roleIds, groupIds });
        }),
    }),
    withBody({
      id: operationId(idPrefix, `RemoveAccount${thing}`),
      summary: `Remove ${thing === "Roles" ? "roles" : "groups"} from an account`,
      method: "POST",
      path: `${prefix}/{id}/remove${thing}`,
      packing: "merged",
      body: idListBody,
      result: userView,
      run: (call, request) =>
        changeByPath(call, request, async (account) => {
          // What is not there is not held either.
          const ids = (prefixOf: "role" | "grp") =>
            request.body.flatMap((uuid) => fromUuid(prefixOf, uuid) ?? []);
          const taken =
            thing === "Roles"
              ? { roleIds: ids("role"), groupIds: [] }
              : { roleIds: [], groupIds: ids("grp") };
          await removeHoldings(call, [account], taken);
        }),
    }),
  ]);
}

async function changeByPath(
  call: WavefrontCall,
  request: WavefrontRequest<unknown>,
  change: (account: Account) => Promise<void>,
) {
  const account = await requireAccount(call, pathPart(request, "id"));
  await change(account);
  return await shownAnew(call, account.identifier);
}

/** An account as it is after a change. */
async function shownAnew(call: WavefrontCall, identifier: string) {
  const { accounts } = await findAccounts(call, [identifier]);
  const [account] = accounts;
  if (account === undefined) throw notFound("account");
  return await showUser(call, account);
}
