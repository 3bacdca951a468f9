import {
  type Credential,
  type CredentialKind,
  CredentialState as State,
} from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { z } from "zod";
import { acl, beforeIdOf, createdAt, notFound, pathId, requireChange, showTime, uri } from "./fields.ts";
import type { FieldTypes } from "./filter/values.ts";
import { type PublicPrefix, toPublicId } from "./ids.ts";
import { listPage } from "./list-page.ts";
import { type NgrokCall, type Operation, withBody } from "./operation.ts";
import { showOwner } from "./owners.ts";

/** One of the three kinds of credentials, as a resource. */
export interface CredentialResource<View extends CommonView> {
  readonly kind: CredentialKind;
  readonly prefix: PublicPrefix;
  readonly path: string;
  /** Under which name a list's items stand. */
  readonly listKey: string;
  readonly operations: string;
  readonly noun: string;
  readonly filterable: FieldTypes;
  readonly view: z.ZodObject;
  readonly update: z.ZodObject;
  /** What the kind shows beside the common fields. */
  show(credential: Credential, common: CommonView): View;
}

/** A filter can ask for these of every kind. */
export const commonFilterable = {
  id: "id",
  created_at: "timestamp",
  description: "string",
  metadata: "string",
  owner_id: "id",
} as const satisfies FieldTypes;

export const commonView = {
  id: z.string(),
  uri,
  created_at: createdAt,
  description: z.string(),
  metadata: z.string(),
  owner_id: z.string().describe("`usr_…`, or `bot_…` for a service user."),
};
export const aclView = z.array(z.string()).describe("Empty: no restriction.");
export const tokenView = z
  .string()
  .nullable()
  .describe("The secret, in the answer to its creation; null ever after.");

type CommonView = Readonly<
  Record<"id" | "uri" | "created_at" | "description" | "metadata" | "owner_id", string>
>;

/** A credential of the resource as it is answered with. */
export function showCredential<View extends CommonView>(
  resource: CredentialResource<View>,
  { publicOrigin }: NgrokCall,
  credential: Credential | undefined,
): View {
  if (credential === undefined) throw new Error("an answer without its credential");
  const id = toPublicId(resource.prefix, credential.credentialId);
  return resource.show(credential, {
    id,
    uri: `${publicOrigin}${resource.path}/${id}`,
    created_at: showTime(credential.createTime),
    description: credential.description,
    metadata: credential.metadata,
    owner_id: showOwner(credential.ownerId),
  });
}

/** Get, list, update and delete, which are alike for all kinds. */
export function commonOperations<
  View extends CommonView & Readonly<Record<string, string | string[] | null>>,
>(resource: CredentialResource<View>): readonly Operation[] {
  const { path, prefix, noun, operations, kind } = resource;
  const show = (call: NgrokCall, credential: Credential | undefined) =>
    showCredential(resource, call, credential);
  /** This API knows credentials that can work, by their kind: a revoked or expired one is gone. */
  const isShown = (credential: Credential) => credential.kind === kind && credential.state === State.ACTIVE;
  const find = async ({ clients, options }: NgrokCall, id: string) => {
    const credentialId = pathId(id, [prefix], "cred", noun);
    const { credential } = await clients.credentials.getCredential({ credentialId }, options);
    if (credential === undefined || !isShown(credential)) throw notFound(noun);
    return credential;
  };
  return [
    {
      id: `${operations}Get`,
      summary: `Get a ${noun}`,
      method: "GET",
      path: `${path}/{id}`,
      result: resource.view,
      errors: ["ERR_NGROK_222", "ERR_PORTCULLIS_NOT_FOUND"],
      run: async (call, id) => show(call, await find(call, id)),
    },
    {
      id: `${operations}List`,
      summary: `List ${noun}s, newest first`,
      method: "LIST",
      path,
      filterable: resource.filterable,
      result: z.strictObject({
        [resource.listKey]: z.array(resource.view),
        uri,
        next_page_uri: uri.nullable(),
      }),
      errors: [],
      async run(call, query) {
        const { clients, options } = call;
        const filter = { kinds: [kind], beforeId: beforeIdOf(query.beforeId, [prefix], "cred") };
        const { items, ...page } = await listPage(call, query, {
          path,
          toView: (credential: Credential) => (isShown(credential) ? show(call, credential) : undefined),
          idOf: ({ credentialId }) => toPublicId(prefix, credentialId),
          async fetch(pageSize, pageToken) {
            const request = { pageSize, pageToken, filter };
            const { credentials, nextPageToken } = await clients.credentials.listCredentials(
              request,
              options,
            );
            return { items: credentials, nextPageToken };
          },
        });
        return { [resource.listKey]: items, ...page };
      },
    },
    withBody({
      id: `${operations}Update`,
      summary: `Change a ${noun}`,
      method: "PATCH",
      path: `${path}/{id}`,
      body: resource.update,
      result: resource.view,
      errors: [
        "ERR_NGROK_222",
        "ERR_NGROK_604",
        "ERR_NGROK_605",
        "ERR_NGROK_606",
        ...("acl" in resource.update.shape ? (["ERR_NGROK_600"] as const) : []),
        "ERR_NGROK_1219",
        "ERR_PORTCULLIS_NOT_FOUND",
      ],
      async run(call, id, body) {
        const { credentialId } = await find(call, id);
        requireChange(id, body);
        const request = { credentialId, ...changeOf(body) };
        const { credential } = await call.clients.credentials.updateCredential(request, call.options);
        return show(call, credential);
      },
    }),
    {
      id: `${operations}Delete`,
      summary: `Delete a ${noun}; from then on it is refused`,
      method: "DELETE",
      path: `${path}/{id}`,
      errors: ["ERR_NGROK_222", "ERR_NGROK_1219", "ERR_PORTCULLIS_NOT_FOUND"],
      async run(call, id) {
        const { credentialId } = await find(call, id);
        await call.clients.credentials.deleteCredential({ credentialId }, call.options);
      },
    },
  ];
}

/** What can be changed; a resource's schema says which of it. */
const changes = z.object({ description: z.string().nullish(), metadata: z.string().nullish(), acl });

function changeOf(body: Readonly<Record<string, unknown>>) {
  const { description, metadata, acl: aclRules } = changes.parse(body);
  const paths = [
    ...(description == null ? [] : ["description"]),
    ...(metadata == null ? [] : ["metadata"]),
    ...(aclRules == null ? [] : ["acl_rules"]),
  ];
  return {
    description: description ?? "",
    metadata: metadata ?? "",
    aclRules: aclRules ?? [],
    updateMask: { paths },
  };
}
