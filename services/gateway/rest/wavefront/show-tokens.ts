import {
  type Credential,
  CredentialKind,
  CredentialState,
} from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { ServiceUserState } from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import { each } from "../common/each.ts";
import { showMs, showText } from "./fields.ts";
import type { Account, ServiceAccount } from "./find-accounts.ts";
import { toUuid } from "./ids.ts";
import { readAll } from "./numbered-pages.ts";
import type { WavefrontCall } from "./operation.ts";
import type { CustomerTokenView, TokenView } from "./views.ts";

/** Above so many owners, all tokens of the account are read instead of each one's. */
const ownersMax = 20;

/** What works of an owner's tokens, or of all the account's, oldest first. */
export async function readTokens(
  { clients, options }: WavefrontCall,
  ownerId: string,
): Promise<readonly Credential[]> {
  const all = await readAll(async (pageSize, pageToken) => {
    const request = { pageSize, pageToken, filter: { ownerId, kinds: [CredentialKind.API_KEY] } };
    const page = await clients.credentials.listCredentials(request, options);
    return { items: page.credentials, nextPageToken: page.nextPageToken };
  });
  return all.filter(isToken).toReversed();
}

/** This API knows tokens that can work: a revoked or expired one is gone. */
export function isToken(credential: Credential): boolean {
  return credential.kind === CredentialKind.API_KEY && credential.state === CredentialState.ACTIVE;
}

/** The tokens of each of them, in their order. */
export async function tokensOfServices(
  call: WavefrontCall,
  services: readonly ServiceAccount[],
): Promise<readonly (readonly TokenView[])[]> {
  if (services.length <= ownersMax) {
    return await each(services, async (service) =>
      (await readTokens(call, service.serviceUser.serviceUserId)).map((token) => showToken(token, service)),
    );
  }
  const all = Map.groupBy(await readTokens(call, ""), ({ ownerId }) => ownerId);
  return services.map((service) =>
    (all.get(service.serviceUser.serviceUserId) ?? []).map((token) => showToken(token, service)),
  );
}

/** A token; whose it is, if that may be told. */
export function showToken(credential: Credential, owner: Account | undefined): TokenView {
  return {
    tokenID: toUuid(credential.credentialId),
    ...showText("tokenName", credential.description),
    ...showOwner(owner),
    ...showMs("dateGenerated", credential.createTime),
    ...showMs("lastUsed", credential.lastUsedTime),
  };
}

/** As the list of all tokens shows it. */
export function showCustomerToken(
  { caller }: WavefrontCall,
  credential: Credential,
  owner: Account | undefined,
): CustomerTokenView {
  return {
    id: toUuid(credential.credentialId),
    ...showText("name", credential.description),
    ...showOwner(owner),
    customer: caller.accountId,
    ...showMs("createdEpochMillis", credential.createTime),
    ...showMs("dateGenerated", credential.createTime),
    ...showMs("lastUsed", credential.lastUsedTime),
  };
}

function showOwner(owner: Account | undefined): Pick<TokenView, "account" | "accountType"> {
  if (owner === undefined) return {};
  return { account: owner.identifier, accountType: accountTypeOf(owner) };
}

function accountTypeOf(account: Account): NonNullable<TokenView["accountType"]> {
  if (account.is !== "service") return "USER_ACCOUNT";
  const isActive = account.serviceUser.state === ServiceUserState.ACTIVE;
  return isActive ? "SERVICE_ACCOUNT" : "INACTIVE_SERVICE_ACCOUNT";
}
