import {
  type ServiceUser,
  ServiceUserState as State,
} from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import { z } from "zod";
import { beforeIdOf, createdAt, echoedId, pathId, requireChange, showTime, uri } from "./fields.ts";
import type { FieldTypes } from "./filter/values.ts";
import { toPublicId } from "./ids.ts";
import { listPage } from "./list-page.ts";
import { type NgrokCall, type Operation, withBody } from "./operation.ts";

/** Service users under one of their two names; the older one is deprecated and has no filter. */
interface Naming {
  readonly prefix: "service" | "bot";
  readonly collection: "service_users" | "bot_users";
  readonly operations: "ServiceUsers" | "BotUsers";
  readonly filterable: FieldTypes | undefined;
}

const prefixes = ["bot", "service"] as const;
const noun = "service user";
const nameLengthMax = 128;

const nameField = z
  .string()
  .min(1, { error: "must be set", abort: true })
  .refine((value) => value.isWellFormed(), { error: "must be well-formed Unicode", abort: true })
  .refine((value) => Array.from(value).length <= nameLengthMax, {
    error: `must be at most ${nameLengthMax} characters`,
  })
  .describe("Unique in the account without regard to case.");
const activeField = z.boolean().nullish().describe("Whether its credentials work. Default: true.");

const view = z.strictObject({
  id: z.string(),
  uri,
  name: z.string(),
  active: z.boolean(),
  created_at: createdAt,
});

/** `/service_users` and its deprecated alias. */
export const serviceUserOperations: readonly Operation[] = [
  ...operationsOf({
    prefix: "service",
    collection: "service_users",
    operations: "ServiceUsers",
    filterable: { id: "id", created_at: "timestamp" },
  }),
  ...operationsOf({
    prefix: "bot",
    collection: "bot_users",
    operations: "BotUsers",
    filterable: undefined,
  }),
];

function operationsOf(naming: Naming): readonly Operation[] {
  const { prefix, collection, operations, filterable } = naming;
  const path = `/${collection}`;
  const show = ({ publicOrigin }: NgrokCall, serviceUser: ServiceUser | undefined) => {
    if (serviceUser === undefined) throw new Error("an answer without its service user");
    const id = toPublicId(prefix, serviceUser.serviceUserId);
    return {
      id,
      uri: `${publicOrigin}${path}/${id}`,
      name: serviceUser.name,
      active: serviceUser.state === State.ACTIVE,
      created_at: showTime(serviceUser.createTime),
    };
  };
  const ownId = (text: string) => pathId(text, prefixes, "svc", noun);
  return [
    withBody({
      id: `${operations}Create`,
      summary: "Create a service user",
      method: "POST",
      path,
      body: z.strictObject({ name: nameField, active: activeField }),
      result: view,
      errors: ["ERR_NGROK_4109", "ERR_NGROK_4110", "ERR_NGROK_4111", "ERR_NGROK_4112", "ERR_NGROK_4119"],
      async run(call, _, body) {
        const { clients, options } = call;
        const { serviceUser } = await clients.serviceUsers.createServiceUser({ name: body.name }, options);
        if (body.active !== false) return show(call, serviceUser);
        // It has no credentials yet, so nothing works in between.
        const serviceUserId = serviceUser?.serviceUserId ?? "";
        const inactive = await clients.serviceUsers.deactivateServiceUser({ serviceUserId }, options);
        return show(call, inactive.serviceUser);
      },
    }),
    {
      id: `${operations}Get`,
      summary: "Get a service user",
      method: "GET",
      path: `${path}/{id}`,
      result: view,
      errors: ["ERR_NGROK_222", "ERR_PORTCULLIS_NOT_FOUND"],
      async run(call, id) {
        const { clients, options } = call;
        const found = await clients.serviceUsers.getServiceUser({ serviceUserId: ownId(id) }, options);
        return show(call, found.serviceUser);
      },
    },
    {
      id: `${operations}List`,
      summary: "List service users, newest first",
      method: "LIST",
      path,
      filterable,
      result: z.strictObject({ [collection]: z.array(view), uri, next_page_uri: uri.nullable() }),
      errors: [],
      async run(call, query) {
        const { clients, options } = call;
        const filter = { beforeId: beforeIdOf(query.beforeId, prefixes, "svc") };
        const { items, ...page } = await listPage(call, query, {
          path,
          toView: (serviceUser: ServiceUser) => show(call, serviceUser),
          idOf: ({ serviceUserId }) => toPublicId(prefix, serviceUserId),
          async fetch(pageSize, pageToken) {
            const request = { pageSize, pageToken, filter };
            const { serviceUsers, nextPageToken } = await clients.serviceUsers.listServiceUsers(
              request,
              options,
            );
            return { items: serviceUsers, nextPageToken };
          },
        });
        return { [collection]: items, ...page };
      },
    },
    withBody({
      id: `${operations}Update`,
      summary: "Change a service user",
      method: "PATCH",
      path: `${path}/{id}`,
      body: z.strictObject({ name: nameField.nullish(), active: activeField, id: echoedId }),
      result: view,
      errors: [
        "ERR_NGROK_222",
        "ERR_NGROK_606",
        "ERR_NGROK_4110",
        "ERR_NGROK_4111",
        "ERR_NGROK_4112",
        "ERR_PORTCULLIS_NOT_FOUND",
        "ERR_PORTCULLIS_SERVICE_USER_LOCKED",
      ],
      async run(call, id, body) {
        const serviceUserId = ownId(id);
        requireChange(id, body);
        return show(call, await change(call, serviceUserId, body));
      },
    }),
    {
      id: `${operations}Delete`,
      summary: "Delete a service user and all its credentials, for ever",
      method: "DELETE",
      path: `${path}/{id}`,
      errors: ["ERR_NGROK_222", "ERR_NGROK_4111", "ERR_PORTCULLIS_NOT_FOUND"],
      async run({ clients, options }, id) {
        await clients.serviceUsers.deleteServiceUser({ serviceUserId: ownId(id) }, options);
      },
    },
  ];
}

/** What takes access away comes first, what gives it comes last; each part may be repeated. */
async function change(
  { clients: { serviceUsers }, options }: NgrokCall,
  serviceUserId: string,
  {
    name,
    active,
  }: { readonly name?: string | null | undefined; readonly active?: boolean | null | undefined },
): Promise<ServiceUser | undefined> {
  let changed: { serviceUser?: ServiceUser | undefined } = {};
  if (active === false) changed = await serviceUsers.deactivateServiceUser({ serviceUserId }, options);
  if (name != null) {
    const updateMask = { paths: ["name"] };
    changed = await serviceUsers.updateServiceUser({ serviceUserId, name, updateMask }, options);
  }
  if (active === true) changed = await serviceUsers.activateServiceUser({ serviceUserId }, options);
  return changed.serviceUser;
}
