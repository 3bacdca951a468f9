import { type Client, createClient } from "@connectrpc/connect";
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
import type { AddressOptions, TlsOptions } from "../transport/address.ts";
import type { Bearer } from "../transport/bearer.ts";
import { balancedTransport } from "./balanced-transport.ts";

export type ClientsOptions = ClientsSettings & Bearer;

export interface ClientsSettings {
  /** Where the control plane of each service listens; all that are needed. */
  readonly identity: AddressOptions["addresses"];
  readonly authorization: AddressOptions["addresses"];
  readonly credential: AddressOptions["addresses"];
  readonly tls?: TlsOptions;
  /** Of a call without a deadline of its own, in milliseconds. Default 15,000. */
  readonly timeoutMs?: number;
}

/** Everything that the services can be asked. Calls reject with ConnectError; `reasonOf` tells why. */
export interface Clients extends Disposable {
  readonly accounts: Client<typeof AccountService>;
  readonly invitations: Client<typeof InvitationService>;
  readonly memberships: Client<typeof MembershipService>;
  readonly serviceUsers: Client<typeof ServiceUserService>;
  readonly signIn: Client<typeof SignInService>;
  readonly superAdmins: Client<typeof SuperAdminService>;
  readonly users: Client<typeof UserService>;
  readonly catalog: Client<typeof CatalogService>;
  readonly checks: Client<typeof CheckService>;
  readonly grants: Client<typeof GrantService>;
  readonly groups: Client<typeof GroupService>;
  readonly objects: Client<typeof ObjectService>;
  readonly policies: Client<typeof PolicyService>;
  readonly roleBindings: Client<typeof RoleBindingService>;
  readonly roles: Client<typeof RoleService>;
  readonly credentials: Client<typeof CredentialService>;
  readonly sessions: Client<typeof SessionService>;
  readonly verification: Client<typeof VerificationService>;
  /** The public keys of each service's receipts. */
  readonly receipts: Readonly<
    Record<"identity" | "authorization" | "credential", Client<typeof ReceiptService>>
  >;
  close(): void;
}

/** Typed clients of all services over gRPC: replicas in turn, deadlines, and repeats of what may be repeated. */
export function createClients(options: ClientsOptions): Clients {
  const { tls, timeoutMs = 15_000 } = options;
  const to = (addresses: AddressOptions["addresses"]) =>
    balancedTransport({ addresses, tls }, { bearer: options, timeoutMs });
  const identity = to(options.identity);
  const authorization = to(options.authorization);
  const credential = to(options.credential);
  const close = () => {
    for (const transport of [identity, authorization, credential]) transport.close();
  };
  return {
    accounts: createClient(AccountService, identity),
    invitations: createClient(InvitationService, identity),
    memberships: createClient(MembershipService, identity),
    serviceUsers: createClient(ServiceUserService, identity),
    signIn: createClient(SignInService, identity),
    superAdmins: createClient(SuperAdminService, identity),
    users: createClient(UserService, identity),
    catalog: createClient(CatalogService, authorization),
    checks: createClient(CheckService, authorization),
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
    close,
    [Symbol.dispose]: close,
  };
}
