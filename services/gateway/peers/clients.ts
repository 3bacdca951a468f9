import type { DescService } from "@bufbuild/protobuf";
import { type CallOptions, type Client, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { CatalogService } from "@portcullis/contracts/portcullis/authorization/v1/catalog_pb.ts";
import { CheckService } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { GrantService } from "@portcullis/contracts/portcullis/authorization/v1/grant_pb.ts";
import { GroupService } from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import { ObjectService } from "@portcullis/contracts/portcullis/authorization/v1/object_pb.ts";
import { PolicyService } from "@portcullis/contracts/portcullis/authorization/v1/policy_pb.ts";
import { RoleService } from "@portcullis/contracts/portcullis/authorization/v1/role_pb.ts";
import { CredentialService } from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { SessionService } from "@portcullis/contracts/portcullis/credential/v1/session_pb.ts";
import { VerificationService } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { InvitationService } from "@portcullis/contracts/portcullis/identity/v1/invitation_pb.ts";
import { MembershipService } from "@portcullis/contracts/portcullis/identity/v1/membership_pb.ts";
import { ServiceUserService } from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import { UserService } from "@portcullis/contracts/portcullis/identity/v1/user_pb.ts";
import { retryOnce } from "@portcullis/service";
import { type Origin, originHeaders, type Proofs, proofHeaders } from "./passed-on.ts";

/** The services as their callers see them: each call must carry the caller's own credential (`callOptions`). */
export interface Clients {
  readonly serviceUsers: Client<typeof ServiceUserService>;
  readonly memberships: Client<typeof MembershipService>;
  readonly invitations: Client<typeof InvitationService>;
  readonly users: Client<typeof UserService>;
  readonly catalog: Client<typeof CatalogService>;
  readonly checks: Client<typeof CheckService>;
  readonly grants: Client<typeof GrantService>;
  readonly groups: Client<typeof GroupService>;
  readonly objects: Client<typeof ObjectService>;
  readonly policies: Client<typeof PolicyService>;
  readonly roles: Client<typeof RoleService>;
  readonly credentials: Client<typeof CredentialService>;
  readonly sessions: Client<typeof SessionService>;
  readonly verification: Client<typeof VerificationService>;
}

/** Where the services listen. */
export interface ServiceUrls {
  readonly identity: string;
  readonly authorization: string;
  readonly credential: string;
}

/**
 * Clients without any rights of their own; the proofs only tell who passes a call on. A call is given up after
 * `timeoutMs`.
 */
export function createClients(urls: ServiceUrls, timeoutMs: number, proofs: Proofs): Clients {
  const onIdentity = connect(urls.identity, timeoutMs, proofs.identity);
  const onAuthorization = connect(urls.authorization, timeoutMs, proofs.authorization);
  const onCredential = connect(urls.credential, timeoutMs, proofs.credential);
  return {
    serviceUsers: onIdentity(ServiceUserService),
    memberships: onIdentity(MembershipService),
    invitations: onIdentity(InvitationService),
    users: onIdentity(UserService),
    catalog: onAuthorization(CatalogService),
    checks: onAuthorization(CheckService),
    grants: onAuthorization(GrantService),
    groups: onAuthorization(GroupService),
    objects: onAuthorization(ObjectService),
    policies: onAuthorization(PolicyService),
    roles: onAuthorization(RoleService),
    credentials: onCredential(CredentialService),
    sessions: onCredential(SessionService),
    verification: onCredential(VerificationService),
  };
}

/** Makes clients of one service, which is shown who passes the calls on. */
export function connect(baseUrl: string, timeoutMs: number, proof: Proofs[keyof Proofs]) {
  const prove: Interceptor = (next) => async (request) => {
    for (const [name, value] of Object.entries(await proofHeaders(proof))) request.header.set(name, value);
    return next(request);
  };
  const transport = createConnectTransport({
    baseUrl,
    httpVersion: "2",
    useBinaryFormat: true,
    defaultTimeoutMs: timeoutMs,
    pingIntervalMs: 10_000,
    pingTimeoutMs: 2_000,
    // Small messages on a fast network: compressing them costs more than sending them.
    acceptCompression: [],
    interceptors: [retryOnce, prove],
  });
  return <Service extends DescService>(service: Service) => createClient(service, transport);
}

/** Makes a call the caller's own: the bearer's rights, from where the bearer is, and part of the operation. */
export function callOptions(bearer: string, origin: Origin, signal?: AbortSignal): CallOptions {
  const headers = { authorization: `Bearer ${bearer}`, ...originHeaders(origin) };
  return { headers, ...(signal === undefined ? {} : { signal }) };
}
