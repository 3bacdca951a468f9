import { CredentialKind } from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { z } from "zod";
import {
  aclView,
  type CredentialResource,
  commonFilterable,
  commonOperations,
  commonView,
  showCredential,
  tokenView,
} from "./credential-resource.ts";
import { acl, description, echoedId, metadata } from "./fields.ts";
import { type Operation, withBody } from "./operation.ts";
import { ownerFields, ownerOf, scimOwnerField } from "./owners.ts";

const view = z.strictObject({ ...commonView, token: tokenView, acl: aclView });
type View = z.output<typeof view>;

const authtokens: CredentialResource<View> = {
  kind: CredentialKind.AUTHTOKEN,
  prefix: "cr",
  path: "/credentials",
  listKey: "credentials",
  operations: "Credentials",
  noun: "authtoken",
  filterable: { ...commonFilterable, acl: "strings" },
  view,
  update: z.strictObject({ description, metadata, acl, id: echoedId }),
  show: ({ aclRules }, common) => ({ ...common, token: null, acl: aclRules }),
};

/** `/credentials`: authtokens, the credentials of agents. */
export const credentialOperations: readonly Operation[] = [
  withBody({
    id: "CredentialsCreate",
    summary: "Create an authtoken, whose secret is in the answer",
    method: "POST",
    path: authtokens.path,
    body: z.strictObject({ description, metadata, acl, ...ownerFields, ...scimOwnerField }),
    result: view,
    errors: [
      "ERR_NGROK_243",
      "ERR_NGROK_600",
      "ERR_NGROK_604",
      "ERR_NGROK_605",
      "ERR_NGROK_630",
      "ERR_NGROK_631",
      "ERR_NGROK_634",
      "ERR_NGROK_1219",
    ],
    async run(call, _, body) {
      const { credential, token } = await call.clients.credentials.createAuthtoken(
        {
          ownerId: await ownerOf(call, body),
          description: body.description ?? "",
          metadata: body.metadata ?? "",
          aclRules: body.acl ?? [],
        },
        call.options,
      );
      return { ...showCredential(authtokens, call, credential), token };
    },
  }),
  ...commonOperations(authtokens),
];
