import {
  type Credential,
  CredentialKind,
} from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { VerificationResult } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { reasonOf } from "@portcullis/service";
import { z } from "zod";
import {
  aclView,
  type CredentialResource,
  commonFilterable,
  commonOperations,
  commonView,
  showCredential,
} from "./credential-resource.ts";
import { NgrokError } from "./errors.ts";
import { acl, description, echoedId, metadata } from "./fields.ts";
import { type NgrokCall, type Operation, withBody } from "./operation.ts";
import { ownerFields, ownerOf, scimOwnerField } from "./owners.ts";

const publicKeyLengthMax = 16_384;

const view = z.strictObject({ ...commonView, public_key: z.string(), acl: aclView });
type View = z.output<typeof view>;

const sshCredentials: CredentialResource<View> = {
  kind: CredentialKind.SSH_KEY,
  prefix: "sshcr",
  path: "/ssh_credentials",
  listKey: "ssh_credentials",
  operations: "SshCredentials",
  noun: "SSH key",
  filterable: { ...commonFilterable, acl: "strings" },
  view,
  update: z.strictObject({ description, metadata, acl, id: echoedId }),
  show: ({ aclRules, sshPublicKey }, common) => ({
    ...common,
    public_key: sshPublicKey?.authorizedKey ?? "",
    acl: aclRules,
  }),
};

/** `/ssh_credentials`: SSH public keys, each in one account of the installation only. */
export const sshCredentialOperations: readonly Operation[] = [
  withBody({
    id: "SshCredentialsCreate",
    summary: "Register an SSH public key",
    method: "POST",
    path: sshCredentials.path,
    body: z.strictObject({
      public_key: z
        .string()
        .min(1, { error: "must be set" })
        .max(publicKeyLengthMax)
        .describe("The line of an OpenSSH .pub file."),
      description,
      metadata,
      acl,
      ...ownerFields,
      ...scimOwnerField,
    }),
    result: view,
    errors: [
      "ERR_NGROK_243",
      "ERR_NGROK_600",
      "ERR_NGROK_604",
      "ERR_NGROK_605",
      "ERR_NGROK_609",
      "ERR_NGROK_610",
      "ERR_NGROK_611",
      "ERR_NGROK_612",
      "ERR_NGROK_630",
      "ERR_NGROK_631",
      "ERR_NGROK_634",
      "ERR_NGROK_1219",
    ],
    async run(call, _, body) {
      const request = {
        publicKey: body.public_key,
        ownerId: await ownerOf(call, body),
        description: body.description ?? "",
        metadata: body.metadata ?? "",
        aclRules: body.acl ?? [],
      };
      const { credential } = await call.clients.credentials
        .createSshKey(request, call.options)
        .catch(async (error: unknown) => {
          throw reasonOf(error) === "SSH_KEY_TAKEN" ? await takenError(call, body.public_key) : error;
        });
      return showCredential(
        sshCredentials,
        call,
        await withoutComment(call, credential, request.description),
      );
    },
  }),
  ...commonOperations(sshCredentials),
];

/** The service describes a key by its comment where nothing else is said; here nothing said is nothing. */
async function withoutComment(
  { clients, options }: NgrokCall,
  credential: Credential | undefined,
  wanted: string,
): Promise<Credential | undefined> {
  if (credential === undefined || credential.description === wanted) return credential;
  const { credentialId } = credential;
  const change = { credentialId, description: wanted, updateMask: { paths: ["description"] } };
  return (await clients.credentials.updateCredential(change, options)).credential;
}

/** Whether it is this account that has the key: to whom it is unknown, it is another's. */
async function takenError({ clients, options }: NgrokCall, publicKey: string): Promise<NgrokError> {
  const { verification } = await clients.verification
    .verifySshKey({ publicKey }, options)
    .catch(() => ({ verification: undefined }));
  const isElsewhere = verification?.result === VerificationResult.UNKNOWN;
  return isElsewhere
    ? new NgrokError("ERR_NGROK_610", "The SSH key is registered in another account.")
    : new NgrokError("ERR_NGROK_609", "The SSH key is registered already.");
}
