import { z } from "zod";
import { serviceSource } from "./accounts.ts";
import { knownGroupIds, knownRoleIds, setHoldings } from "./change-accounts.ts";
import { WavefrontError } from "./errors.ts";
import { flag, idList, pathPart, permissionList, text } from "./fields.ts";
import { isServiceIdentifier, requireService, type ServiceAccount, serviceAccount } from "./find-accounts.ts";
import { readWindow } from "./numbered-pages.ts";
import { type Operation, type WavefrontCall, withBody } from "./operation.ts";
import { showServices } from "./show-accounts.ts";
import { serviceAccountView } from "./views.ts";
import { wholeOrNothing } from "./whole.ts";

const path = "/api/v2/account/serviceaccount";

const body = z.object({
  identifier: text,
  active: flag,
  description: text,
  groups: permissionList,
  userGroups: idList,
  roles: idList,
  // Clients send an empty list, or what they have read; to follow it would revoke what they don't know of.
  tokens: z.unknown().optional().describe("Not looked at: tokens have routes of their own."),
});
type Fields = z.output<typeof body>;

/** `/account/serviceaccount`. */
export const serviceAccountOperations: readonly Operation[] = [
  {
    id: "getAllServiceAccounts",
    summary: "List all service accounts, newest first",
    method: "GET",
    path,
    packing: "enveloped",
    result: z.array(serviceAccountView),
    async run(call) {
      const all = { offset: 0, limit: Number.POSITIVE_INFINITY };
      const { items } = await readWindow([serviceSource(call, { nameContains: "" })], all);
      return await showServices(call, items);
    },
  },
  withBody({
    id: "createServiceAccount",
    summary: "Create a service account",
    method: "POST",
    path,
    packing: "enveloped",
    body,
    result: serviceAccountView,
    run: (call, request) => create(call, request.body),
  }),
  ...(["activate", "deactivate"] as const).map(
    (verb): Operation => ({
      id: `${verb}Account`,
      summary:
        verb === "activate"
          ? "Let a service account's tokens work again"
          : "Refuse all tokens of a service account, and keep them",
      method: "POST",
      path: `${path}/{id}/${verb}`,
      packing: "enveloped",
      result: serviceAccountView,
      async run(call, request) {
        const service = await requireService(call, pathPart(request, "id"));
        await setActive(call, service, verb === "activate");
        return await shownAnew(call, service);
      },
    }),
  ),
  {
    id: "getServiceAccount",
    summary: "Get a service account",
    method: "GET",
    path: `${path}/{id}`,
    packing: "enveloped",
    result: serviceAccountView,
    async run(call, request) {
      return (await showServices(call, [await requireService(call, pathPart(request, "id"))]))[0];
    },
  },
  withBody({
    id: "updateServiceAccount",
    summary: "Change a service account; what is left out stays",
    method: "PUT",
    path: `${path}/{id}`,
    packing: "enveloped",
    body,
    result: serviceAccountView,
    async run(call, request) {
      const service = await requireService(call, pathPart(request, "id"));
      const { identifier } = request.body;
      if (identifier != null && identifier !== "" && nameOf(identifier) !== nameOf(service.identifier)) {
        throw new WavefrontError(400, "identifier: must be that of the path");
      }
      await change(call, service, request.body);
      return await shownAnew(call, service);
    },
  }),
];

/** The name without `sa::`, in lower case, as all names are here. */
function nameOf(identifier: string): string {
  return (isServiceIdentifier(identifier) ? identifier.slice(4) : identifier).toLowerCase();
}

async function create(call: WavefrontCall, fields: Fields) {
  const { clients, options } = call;
  const name = nameOf(fields.identifier ?? "");
  if (name === "") throw new WavefrontError(400, "identifier: must be set");
  // Refused before anything is made, where that can be known.
  await Promise.all([knownRoleIds(call, fields.roles), knownGroupIds(call, fields.userGroups)]);
  const description = fields.description ?? "";
  const created = await clients.serviceUsers.createServiceUser({ name, description }, options);
  if (created.serviceUser === undefined) throw new Error("an answer without its service user");
  const service = serviceAccount(created.serviceUser);
  const { serviceUserId } = created.serviceUser;
  const rest = { ...fields, description: undefined, active: fields.active === false ? false : null };
  await wholeOrNothing(
    // It has no token yet, so nothing works in between.
    () => change(call, service, rest),
    () => clients.serviceUsers.deleteServiceUser({ serviceUserId }, options),
  );
  return await shownAnew(call, service);
}

/** What takes access away comes first, what gives it comes last; each part may be repeated. */
async function change(call: WavefrontCall, service: ServiceAccount, fields: Fields): Promise<void> {
  const { clients, options } = call;
  const [roleIds, groupIds] = await Promise.all([
    knownRoleIds(call, fields.roles),
    knownGroupIds(call, fields.userGroups),
  ]);
  if (fields.active === false) await setActive(call, service, false);
  const { description } = fields;
  if (description != null && description !== service.serviceUser.description) {
    const { serviceUserId } = service.serviceUser;
    const updateMask = { paths: ["description"] };
    await clients.serviceUsers.updateServiceUser({ serviceUserId, description, updateMask }, options);
  }
  await setHoldings(call, service, { permissions: fields.groups, roleIds, groupIds });
  if (fields.active === true) await setActive(call, service, true);
}

async function setActive(
  { clients: { serviceUsers }, options }: WavefrontCall,
  { serviceUser: { serviceUserId } }: ServiceAccount,
  active: boolean,
): Promise<void> {
  if (active) await serviceUsers.activateServiceUser({ serviceUserId }, options);
  else await serviceUsers.deactivateServiceUser({ serviceUserId }, options);
}

async function shownAnew(call: WavefrontCall, { identifier }: ServiceAccount) {
  return (await showServices(call, [await requireService(call, identifier)]))[0];
}
