import { type Client, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { CatalogService } from "@portcullis/contracts/portcullis/authorization/v1/catalog_pb.ts";
import { CheckService } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { GrantService } from "@portcullis/contracts/portcullis/authorization/v1/grant_pb.ts";
import { GroupService } from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import { ObjectService } from "@portcullis/contracts/portcullis/authorization/v1/object_pb.ts";
import { PolicyService } from "@portcullis/contracts/portcullis/authorization/v1/policy_pb.ts";
import { RoleBindingService } from "@portcullis/contracts/portcullis/authorization/v1/role_binding_pb.ts";
import { RoleService } from "@portcullis/contracts/portcullis/authorization/v1/role_pb.ts";
import { ReceiptService } from "@portcullis/contracts/portcullis/common/v1/receipt_service_pb.ts";
import { CredentialService } from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { SessionService } from "@portcullis/contracts/portcullis/credential/v1/session_pb.ts";
import { VerificationService } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { AccountService } from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import { InvitationService } from "@portcullis/contracts/portcullis/identity/v1/invitation_pb.ts";
import { MembershipService } from "@portcullis/contracts/portcullis/identity/v1/membership_pb.ts";
import { ServiceUserService } from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import { SignInService } from "@portcullis/contracts/portcullis/identity/v1/sign_in_pb.ts";
import { SuperAdminService } from "@portcullis/contracts/portcullis/identity/v1/super_admin_pb.ts";
import { UserService } from "@portcullis/contracts/portcullis/identity/v1/user_pb.ts";
import type { ServiceName, Settings } from "../config/settings.ts";

/** A client of each service. */
export interface Clients {
  readonly accounts: Client<typeof AccountService>;
  readonly invitations: Client<typeof InvitationService>;
  readonly memberships: Client<typeof MembershipService>;
  readonly serviceUsers: Client<typeof ServiceUserService>;
  readonly signIn: Client<typeof SignInService>;
  readonly superAdmins: Client<typeof SuperAdminService>;
  readonly users: Client<typeof UserService>;
  readonly catalog: Client<typeof CatalogService>;
  readonly check: Client<typeof CheckService>;
  readonly grants: Client<typeof GrantService>;
  readonly groups: Client<typeof GroupService>;
  readonly objects: Client<typeof ObjectService>;
  readonly policies: Client<typeof PolicyService>;
  readonly roleBindings: Client<typeof RoleBindingService>;
  readonly roles: Client<typeof RoleService>;
  readonly credentials: Client<typeof CredentialService>;
  readonly sessions: Client<typeof SessionService>;
  readonly verification: Client<typeof VerificationService>;
  /** Of each service: the keys of its receipts. */
  readonly receipts: Readonly<Record<ServiceName, Client<typeof ReceiptService>>>;
}

/**
 * Clients that prove themselves with the API key, if there is one, and say with each call `calling` which service it goes to.
 * They speak Connect over HTTP/1.1, which every proxy passes on.
 */
export function createClients(
  { urls }: Settings,
  apiKey: string | undefined,
  calling: (service: ServiceName) => void,
): Clients {
  const transportTo = (service: ServiceName) => {
    const authenticate: Interceptor = (next) => (request) => {
      calling(service);
      if (apiKey !== undefined) request.header.set("authorization", `Bearer ${apiKey}`);
      return next(request);
    };
    return createConnectTransport({
      baseUrl: urls[service],
      httpVersion: "1.1",
      interceptors: [authenticate],
    });
  };
  const identity = transportTo("identity");
  const authorization = transportTo("authorization");
  const credential = transportTo("credential");
  return {
    accounts: createClient(AccountService, identity),
    invitations: createClient(InvitationService, identity),
    memberships: createClient(MembershipService, identity),
    serviceUsers: createClient(ServiceUserService, identity),
    signIn: createClient(SignInService, identity),
    superAdmins: createClient(SuperAdminService, identity),
    users: createClient(UserService, identity),
    catalog: createClient(CatalogService, authorization),
    check: createClient(CheckService, authorization),
    grants: createClient(GrantService, authorization),
    groups: createClient(GroupService, authorization),
    objects: createClient(ObjectService, authorization),
    policies: createClient(PolicyService, authorization),
    roleBindings: createClient(RoleBindingService, authorization),
    roles: createClient(RoleService, authorization),
    credentials: createClient(CredentialService, credential),
    sessions: createClient(SessionService, credential),
    verification: createClient(VerificationService, credential),
    receipts: {
      identity: createClient(ReceiptService, identity),
      authorization: createClient(ReceiptService, authorization),
      credential: createClient(ReceiptService, credential),
    },
  };
}
