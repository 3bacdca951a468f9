import { Code, ConnectError } from "@connectrpc/connect";
import {
  type Credential,
  CredentialKind,
} from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { z } from "zod";
import { notFound } from "./errors.ts";
import { pathPart, text } from "./fields.ts";
import { type Account, accountsOf, memberAccount, requireService, serviceAccount } from "./find-accounts.ts";
import { fromUuid } from "./ids.ts";
import { type Operation, type WavefrontCall, type WavefrontRequest, withBody } from "./operation.ts";
import { isToken, readTokens, showCustomerToken, showToken } from "./show-tokens.ts";
import { customerTokenView, tokenView } from "./views.ts";

const path = "/api/v2/apitoken";
const body = z.object({ tokenID: text, tokenName: text });

/** Whose tokens an operation is about. */
interface Owner {
  /** Our id. */
  readonly id: string;
  /** Undefined where the caller may not know more about itself. */
  readonly account: Account | undefined;
}
type FindOwner = (call: WavefrontCall, request: WavefrontRequest<unknown>) => Promise<Owner>;

/** `/apitoken`: one's own tokens, those of service accounts, and all of the account. */
export const tokenOperations: readonly Operation[] = [
  {
    id: "getCustomerTokens",
    summary: "List all API tokens of the account, oldest first",
    method: "GET",
    path: `${path}/customertokens`,
    packing: "enveloped",
    result: z.array(customerTokenView),
    async run(call) {
      const tokens = await readTokens(call, "");
      const owners = await accountsOf(
        call,
        tokens.map(({ ownerId }) => ownerId),
      );
      return tokens.map((token) => showCustomerToken(call, token, owners.get(token.ownerId)));
    },
  },
  withBody({
    id: "revokeCustomerToken",
    summary: "Revoke any API token of the account, for ever",
    method: "PUT",
    path: `${path}/customertokens/revoke`,
    packing: "enveloped",
    body,
    result: tokenView,
    async run(call, request) {
      const token = await requireToken(call, request.body.tokenID ?? "");
      const owner = (await accountsOf(call, [token.ownerId])).get(token.ownerId);
      await revoke(call, token);
      return showToken(token, owner);
    },
  }),
  {
    id: "getCustomerToken",
    summary: "Get any API token of the account",
    method: "GET",
    path: `${path}/customertokens/{token}`,
    packing: "enveloped",
    result: customerTokenView,
    async run(call, request) {
      const token = await requireToken(call, pathPart(request, "token"));
      return showCustomerToken(call, token, (await accountsOf(call, [token.ownerId])).get(token.ownerId));
    },
  },
  ...tokensUnder(`${path}/serviceaccount/{id}`, "ServiceAccount", async (call, request) => {
    const account = await requireService(call, pathPart(request, "id"));
    return { id: account.serviceUser.serviceUserId, account };
  }),
  ...tokensUnder(path, "", async (call) => ({
    id: call.caller.principalId,
    account: await ownAccount(call),
  })),
];

function tokensUnder(collection: string, infix: string, findOwner: FindOwner): readonly Operation[] {
  const all = z.array(tokenView);
  const list = async (call: WavefrontCall, owner: Owner) =>
    (await readTokens(call, owner.id)).map((token) => showToken(token, owner.account));
  return [
    {
      id: `get${infix}ApiTokens`,
      summary: "List API tokens, oldest first, without their secrets",
      method: "GET",
      path: collection,
      packing: "enveloped",
      result: all,
      run: async (call, request) => await list(call, await findOwner(call, request)),
    },
    withBody({
      id: `create${infix}ApiToken`,
      summary: "Create an API token: the last of the list, with the token itself as its id, this once",
      method: "POST",
      path: collection,
      packing: "enveloped",
      body,
      result: all,
      async run(call, request) {
        const owner = await findOwner(call, request);
        const description = request.body.tokenName ?? "";
        const ownerId = owner.id === call.caller.principalId ? "" : owner.id;
        const { clients, options } = call;
        const { credential, token } = await clients.credentials.createApiKey(
          { ownerId, description },
          options,
        );
        if (credential === undefined) throw new Error("an answer without its credential");
        const others = (await readTokens(call, owner.id)).filter(
          ({ credentialId }) => credentialId !== credential.credentialId,
        );
        return [
          ...others.map((each) => showToken(each, owner.account)),
          { ...showToken(credential, owner.account), tokenID: token },
        ];
      },
    }),
    withBody({
      id: `update${infix}ApiToken`,
      summary: "Rename an API token",
      method: "PUT",
      path: `${collection}/{token}`,
      packing: "enveloped",
      body,
      result: tokenView,
      async run(call, request) {
        const owner = await findOwner(call, request);
        const token = await requireTokenOf(call, owner, pathPart(request, "token"));
        const { tokenName } = request.body;
        if (tokenName == null || tokenName === token.description) return showToken(token, owner.account);
        const { credential } = await call.clients.credentials.updateCredential(
          {
            credentialId: token.credentialId,
            description: tokenName,
            updateMask: { paths: ["description"] },
          },
          call.options,
        );
        return showToken(credential ?? token, owner.account);
      },
    }),
    {
      id: `delete${infix}ApiToken`,
      summary: "Revoke an API token, for ever; the others are answered",
      method: "DELETE",
      path: `${collection}/{token}`,
      packing: "enveloped",
      result: all,
      async run(call, request) {
        const owner = await findOwner(call, request);
        const token = await requireTokenOf(call, owner, pathPart(request, "token"));
        // With its own token gone, the caller can ask nothing more.
        const others = (await list(call, owner)).filter(
          (each) => each.tokenID !== showToken(token, undefined).tokenID,
        );
        await revoke(call, token);
        return others;
      },
    },
  ];
}

async function revoke({ clients, options }: WavefrontCall, { credentialId }: Credential): Promise<void> {
  await clients.credentials.deleteCredential({ credentialId }, options);
}

/** Another owner's is not there. 404. */
async function requireTokenOf(call: WavefrontCall, owner: Owner, named: string): Promise<Credential> {
  const token = await requireToken(call, named);
  if (token.ownerId !== owner.id) throw notFound("API token");
  return token;
}

/** A token by its id, or by itself: clients know a new one by nothing else. 404. */
async function requireToken(call: WavefrontCall, named: string): Promise<Credential> {
  const { clients, options } = call;
  const credentialId = fromUuid("cred", named) ?? (await idOfSecret(call, named));
  if (credentialId === undefined) throw notFound("API token");
  try {
    const { credential } = await clients.credentials.getCredential({ credentialId }, options);
    if (credential !== undefined && isToken(credential)) return credential;
  } catch (error) {
    if (!(error instanceof ConnectError && error.code === Code.NotFound)) throw error;
  }
  throw notFound("API token");
}

async function idOfSecret({ clients, options }: WavefrontCall, named: string): Promise<string | undefined> {
  if (!named.startsWith("pcak_")) return undefined;
  const request = { token: named, acceptedKinds: [CredentialKind.API_KEY] };
  const { verification } = await clients.verification.verifyToken(request, options);
  return verification?.credential?.credentialId;
}

/** The caller; unknown to a service account that may not see service accounts. */
async function ownAccount({ clients, options, caller }: WavefrontCall): Promise<Account | undefined> {
  const { principalId } = caller;
  try {
    if (principalId.startsWith("svc_")) {
      const { serviceUser } = await clients.serviceUsers.getServiceUser(
        { serviceUserId: principalId },
        options,
      );
      return serviceUser === undefined ? undefined : serviceAccount(serviceUser);
    }
    const { membership } = await clients.memberships.getMembership({ principalId }, options);
    return membership === undefined ? undefined : memberAccount(membership);
  } catch (error) {
    if (error instanceof ConnectError && error.code === Code.PermissionDenied) return undefined;
    throw error;
  }
}
