import { z } from "zod";
import { each } from "../common/each.ts";
import {
  bulkPermissionOperations,
  listedAccounts,
  membershipOperations,
  permissionOperations,
} from "./account-changes.ts";
import { businessFunctionsOf } from "./business-functions.ts";
import { idListBody, pageQuery, pathPart, type Window, windowOf } from "./fields.ts";
import {
  type Account,
  findAccounts,
  invitedAccount,
  memberAccount,
  principalIdOf,
  requireAccount,
  serviceAccount,
} from "./find-accounts.ts";
import { type NumberedSource, pageOf, readWindow } from "./numbered-pages.ts";
import { type Operation, type WavefrontCall, type WavefrontRequest, withBody } from "./operation.ts";
import { showAccounts, showUsers } from "./show-accounts.ts";
import { accountView, pageView, userView } from "./views.ts";

const prefix = "/api/v2/account";
export const validatedView = z.strictObject({
  validUsers: z.array(userView),
  invalidIdentifiers: z.array(z.string()),
});

/** Which accounts a list has; everything for empty texts. */
export interface AccountQuery {
  readonly emailContains: string;
  readonly nameContains: string;
}

/** The account's members, then those who were invited; each newest first. */
export function peopleSources(
  { clients, options }: WavefrontCall,
  { emailContains }: Pick<AccountQuery, "emailContains">,
): readonly NumberedSource<Account & { readonly is: "member" | "invited" }>[] {
  const request = (skip: number, pageSize: number) => ({
    skip,
    pageSize,
    withTotalSize: true,
    filter: { emailContains },
  });
  return [
    async (skip, pageSize) => {
      const page = await clients.memberships.listMemberships(request(skip, pageSize), options);
      const items = page.memberships.map(memberAccount);
      return { items, total: Number(page.totalSize) };
    },
    async (skip, pageSize) => {
      const page = await clients.invitations.listInvitations(request(skip, pageSize), options);
      const items = page.invitations.map(invitedAccount);
      return { items, total: Number(page.totalSize) };
    },
  ];
}

/** The account's service accounts, newest first. */
export function serviceSource(
  { clients, options }: WavefrontCall,
  { nameContains }: Pick<AccountQuery, "nameContains">,
): NumberedSource<Account & { readonly is: "service" }> {
  return async (skip, pageSize) => {
    const request = { skip, pageSize, withTotalSize: true, filter: { nameContains } };
    const page = await clients.serviceUsers.listServiceUsers(request, options);
    return { items: page.serviceUsers.map(serviceAccount), total: Number(page.totalSize) };
  };
}

/** A part of all accounts: people, then service accounts. */
function readAccounts(call: WavefrontCall, window: Window, query: AccountQuery) {
  return readWindow<Account>([...peopleSources(call, query), serviceSource(call, query)], window);
}

/** Takes an account away, for ever: a membership, an invitation, or a service account. */
export async function removeAccount({ clients, options }: WavefrontCall, account: Account): Promise<void> {
  switch (account.is) {
    case "member": {
      const { principalId } = account.membership;
      await clients.memberships.removeMembership({ principalId }, options);
      return;
    }
    case "invited": {
      const { invitationId } = account.invitation;
      await clients.invitations.revokeInvitation({ invitationId }, options);
      return;
    }
    case "service": {
      const { serviceUserId } = account.serviceUser;
      await clients.serviceUsers.deleteServiceUser({ serviceUserId }, options);
      return;
    }
  }
}

export async function removeListed(
  call: WavefrontCall,
  request: WavefrontRequest<readonly string[]>,
): Promise<readonly string[]> {
  const accounts = await listedAccounts(call, request.body);
  await each(accounts, (account) => removeAccount(call, account), 2);
  return accounts.map(({ identifier }) => identifier);
}

export async function validateListed(call: WavefrontCall, request: WavefrontRequest<readonly string[]>) {
  const { accounts, unknown } = await findAccounts(call, request.body);
  return { validUsers: await showUsers(call, accounts), invalidIdentifiers: unknown };
}

export async function functionsByPath(
  call: WavefrontCall,
  request: WavefrontRequest<unknown>,
): Promise<readonly string[]> {
  const principalId = principalIdOf(await requireAccount(call, pathPart(request, "id")));
  // Who has not joined can do nothing yet.
  return principalId === undefined ? [] : await businessFunctionsOf(call, principalId);
}

/** `/account`: what people and service accounts have in common. The more specific routes stand in other files. */
export const accountOperations: readonly Operation[] = [
  {
    id: "getAllAccounts",
    summary: "List accounts: people, then service accounts, each newest first",
    method: "GET",
    path: prefix,
    query: pageQuery,
    packing: "enveloped",
    result: pageView(accountView),
    async run(call, request) {
      const window = windowOf(request);
      const { items, total } = await readAccounts(call, window, { emailContains: "", nameContains: "" });
      return pageOf(window, await showAccounts(call, items), total);
    },
  },
  withBody({
    id: "deleteAccounts",
    summary: "Delete accounts, for ever",
    method: "POST",
    path: `${prefix}/deleteAccounts`,
    packing: "enveloped",
    body: idListBody,
    result: z.array(z.string()),
    run: removeListed,
  }),
  withBody({
    id: "validateAccounts",
    summary: "Tell which accounts there are",
    method: "POST",
    path: `${prefix}/validateAccounts`,
    packing: "enveloped",
    body: idListBody,
    result: validatedView,
    run: validateListed,
  }),
  ...bulkPermissionOperations(prefix, ""),
  {
    id: "getAccountBusinessFunctions",
    summary: "Tell what an account can do",
    method: "GET",
    path: `${prefix}/{id}/businessFunctions`,
    packing: "enveloped",
    result: z.array(z.string()),
    run: functionsByPath,
  },
  ...permissionOperations(),
  ...membershipOperations(prefix, "", ["Roles", "UserGroups"]),
  {
    id: "getAccount",
    summary: "Get an account",
    method: "GET",
    path: `${prefix}/{id}`,
    packing: "enveloped",
    result: accountView,
    async run(call, request) {
      const account = await requireAccount(call, pathPart(request, "id"));
      return (await showAccounts(call, [account]))[0];
    },
  },
  {
    id: "deleteAccount",
    summary: "Delete an account, for ever",
    method: "DELETE",
    path: `${prefix}/{id}`,
    packing: "enveloped",
    result: accountView,
    async run(call, request) {
      const account = await requireAccount(call, pathPart(request, "id"));
      const [view] = await showAccounts(call, [account]);
      await removeAccount(call, account);
      return view;
    },
  },
];
