import { z } from "zod";
import {
  bulkPermissionOperations,
  formPermissionOperations,
  membershipOperations,
} from "./account-changes.ts";
import {
  functionsByPath,
  peopleSources,
  removeAccount,
  removeListed,
  validatedView,
  validateListed,
} from "./accounts.ts";
import { createOrUpdate, grantFields, newUser, updatePerson } from "./create-user.ts";
import { WavefrontError } from "./errors.ts";
import { idListBody, pathPart, text } from "./fields.ts";
import { accountsOf, requirePerson } from "./find-accounts.ts";
import { readAll, readWindow } from "./numbered-pages.ts";
import { type Operation, operationId, type WavefrontCall, withBody } from "./operation.ts";
import { showUser, showUsers } from "./show-accounts.ts";
import { userView } from "./views.ts";

const userChange = z.object({
  identifier: text,
  ...grantFields,
  credential: text.describe("Must be empty: people set their own passwords."),
});

const sendEmail = {
  name: "sendEmail",
  description: "Not looked at: who is new is always sent a link, by which to join.",
  schema: { type: "string" },
};

/** `/account/user`. */
export const userOperations: readonly Operation[] = [
  {
    id: "getAdminUsers",
    summary: "Tell the addresses of those who manage accounts",
    method: "GET",
    path: "/api/v2/account/user/admin",
    packing: "enveloped",
    result: z.array(z.string()),
    run: readManagers,
  },
  ...usersUnder("/api/v2/account/user", ""),
];

/** `/user`, its older name. */
export const legacyUserOperations: readonly Operation[] = deprecated([
  ...bulkPermissionOperations("/api/v2/user", "user"),
  withBody({
    id: "userDeleteUsers",
    summary: "Delete accounts, for ever",
    method: "POST",
    path: "/api/v2/user/deleteUsers",
    packing: "enveloped",
    body: idListBody,
    result: z.array(z.string()),
    run: removeListed,
  }),
  withBody({
    id: "userValidateUsers",
    summary: "Tell which accounts there are",
    method: "POST",
    path: "/api/v2/user/validateUsers",
    packing: "enveloped",
    body: idListBody,
    result: validatedView,
    run: validateListed,
  }),
  ...usersUnder("/api/v2/user", "user"),
  {
    id: "userGetBusinessFunctions",
    summary: "Tell what a user can do",
    method: "GET",
    path: "/api/v2/user/{id}/businessFunctions",
    packing: "enveloped",
    result: z.array(z.string()),
    run: functionsByPath,
  },
  ...formPermissionOperations("/api/v2/user"),
  ...membershipOperations("/api/v2/user", "user", ["UserGroups"]),
  {
    id: "userDelete",
    summary: "Delete a user, for ever",
    method: "DELETE",
    path: "/api/v2/user/{id}",
    packing: "empty",
    async run(call, request) {
      await removeAccount(call, await requirePerson(call, pathPart(request, "id")));
    },
  },
]);

function deprecated(operations: readonly Operation[]): readonly Operation[] {
  return operations.map((operation) => ({ ...operation, isDeprecated: true }));
}

function usersUnder(path: string, idPrefix: string): readonly Operation[] {
  return [
    {
      id: operationId(idPrefix, "GetAllUsers"),
      summary: "List all users, with those who were invited",
      method: "GET",
      path,
      // The older one was a bare list from the beginning.
      packing: idPrefix === "" ? "enveloped" : "bare",
      result: z.array(userView),
      async run(call) {
        const everybody = { offset: 0, limit: Number.POSITIVE_INFINITY };
        const { items } = await readWindow(peopleSources(call, { emailContains: "" }), everybody);
        return await showUsers(call, items);
      },
    },
    withBody({
      id: operationId(idPrefix, "CreateOrUpdateUser"),
      summary: "Invite a user, or change one that there is",
      method: "POST",
      path,
      query: [sendEmail],
      packing: "merged",
      body: newUser,
      result: userView,
      async run(call, { body }) {
        const email = await createOrUpdate(call, body, false);
        return await showUser(call, await requirePerson(call, email));
      },
    }),
    withBody({
      id: operationId(idPrefix, "InviteUsers"),
      summary: "Invite users; who was invited before is sent another link",
      method: "POST",
      path: `${path}/invite`,
      packing: "merged",
      body: z.preprocess((body) => (Array.isArray(body) ? body : [body]), z.array(newUser).min(1).max(100)),
      result: userView,
      async run(call, { body }) {
        const emails: string[] = [];
        for (const user of body) emails.push(await createOrUpdate(call, user, true));
        return await showUser(call, await requirePerson(call, emails[0] ?? ""));
      },
    }),
    {
      id: operationId(idPrefix, "GetUser"),
      summary: "Get a user",
      method: "GET",
      path: `${path}/{id}`,
      packing: "bare",
      result: userView,
      run: async (call, request) => await showUser(call, await requirePerson(call, pathPart(request, "id"))),
    },
    withBody({
      id: operationId(idPrefix, "UpdateUser"),
      summary: "Change what a user holds; what is left out stays",
      method: "PUT",
      path: `${path}/{id}`,
      packing: "merged",
      body: userChange,
      result: userView,
      async run(call, request) {
        const person = await requirePerson(call, pathPart(request, "id"));
        const { identifier, credential } = request.body;
        if (identifier != null && identifier !== "" && !isSame(identifier, person.identifier)) {
          throw new WavefrontError(400, "identifier: people change their own addresses");
        }
        if (credential != null && credential !== "") {
          throw new WavefrontError(400, "credential: people set their own passwords");
        }
        await updatePerson(call, person, request.body);
        return await showUser(call, await requirePerson(call, person.identifier));
      },
    }),
  ];
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

async function readManagers(call: WavefrontCall): Promise<readonly string[]> {
  const { clients, options } = call;
  const ids = await readAll(async (pageSize, pageToken) => {
    const request = { permissionId: "user_management", pageSize, pageToken };
    const page = await clients.checks.listSubjects(request, options);
    return { items: page.principalIds, nextPageToken: page.nextPageToken };
  });
  const accounts = await accountsOf(
    call,
    ids.filter((id) => !id.startsWith("svc_")),
  );
  return [...accounts.values()].map(({ identifier }) => identifier).toSorted();
}
