import { CredentialKind } from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { z } from "zod";
import {
  type CredentialResource,
  commonFilterable,
  commonOperations,
  commonView,
  showCredential,
  tokenView,
} from "./credential-resource.ts";
import { description, echoedId, metadata } from "./fields.ts";
import { type Operation, withBody } from "./operation.ts";
import { ownerFields, ownerOf } from "./owners.ts";

const view = z.strictObject({ ...commonView, token: tokenView });
type View = z.output<typeof view>;

const apiKeys: CredentialResource<View> = {
  kind: CredentialKind.API_KEY,
  prefix: "ak",
  path: "/api_keys",
  listKey: "keys",
  operations: "ApiKeys",
  noun: "API key",
  filterable: commonFilterable,
  view,
  update: z.strictObject({ description, metadata, id: echoedId }),
  show: (_, common) => ({ ...common, token: null }),
};

/** `/api_keys`, the credentials for this API. */
export const apiKeyOperations: readonly Operation[] = [
  withBody({
    id: "ApiKeysCreate",
    summary: "Create an API key, whose secret is in the answer",
    method: "POST",
    path: apiKeys.path,
    body: z.strictObject({ description, metadata, ...ownerFields }),
    result: view,
    errors: [
      "ERR_NGROK_243",
      "ERR_NGROK_604",
      "ERR_NGROK_605",
      "ERR_NGROK_630",
      "ERR_NGROK_631",
      "ERR_NGROK_634",
      "ERR_NGROK_1219",
    ],
    async run(call, _, body) {
      const { credential, token } = await call.clients.credentials.createApiKey(
        {
          ownerId: await ownerOf(call, body),
          description: body.description ?? "",
          metadata: body.metadata ?? "",
        },
        call.options,
      );
      return { ...showCredential(apiKeys, call, credential), token };
    },
  }),
  ...commonOperations(apiKeys),
];
