import { type Client, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { CheckService } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { GroupService } from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import { ObjectService } from "@portcullis/contracts/portcullis/authorization/v1/object_pb.ts";
import { PolicyService } from "@portcullis/contracts/portcullis/authorization/v1/policy_pb.ts";
import { RoleBindingService } from "@portcullis/contracts/portcullis/authorization/v1/role_binding_pb.ts";
import { RoleService } from "@portcullis/contracts/portcullis/authorization/v1/role_pb.ts";
import { CredentialService } from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { SessionService } from "@portcullis/contracts/portcullis/credential/v1/session_pb.ts";
import { VerificationService } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { PrincipalEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/principal_enforcement_pb.ts";
import { AccountService } from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import { InvitationService } from "@portcullis/contracts/portcullis/identity/v1/invitation_pb.ts";
import { MembershipService } from "@portcullis/contracts/portcullis/identity/v1/membership_pb.ts";
import { ServiceUserService } from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import { SignInService } from "@portcullis/contracts/portcullis/identity/v1/sign_in_pb.ts";
import { UserService } from "@portcullis/contracts/portcullis/identity/v1/user_pb.ts";
import { reasonOf } from "@portcullis/service";
import type { Installation } from "./installation.ts";

/** Everything that somebody with one bearer token can call; `verify` asks each replica of credential. */
export interface Clients {
  readonly accounts: Client<typeof AccountService>;
  readonly serviceUsers: Client<typeof ServiceUserService>;
  readonly users: Client<typeof UserService>;
  readonly signIn: Client<typeof SignInService>;
  readonly members: Client<typeof MembershipService>;
  readonly invitations: Client<typeof InvitationService>;
  readonly roles: Client<typeof RoleService>;
  readonly groups: Client<typeof GroupService>;
  readonly roleBindings: Client<typeof RoleBindingService>;
  readonly checks: Client<typeof CheckService>;
  readonly objects: Client<typeof ObjectService>;
  readonly policies: Client<typeof PolicyService>;
  readonly credentials: Client<typeof CredentialService>;
  readonly sessions: Client<typeof SessionService>;
  readonly verify: readonly Client<typeof VerificationService>[];
  readonly enforcement: {
    readonly authorization: Client<typeof PrincipalEnforcementService>;
    readonly credential: Client<typeof PrincipalEnforcementService>;
  };
}

/** Clients of an installation that carry a bearer token, over gRPC or the Connect protocol. */
export function connectClients(
  { identity, authorization, credentials }: Installation,
  bearer: string | (() => Promise<string>),
  protocol: "grpc" | "connect" = "grpc",
): Clients {
  const transport = (baseUrl: string) => {
    const options = {
      baseUrl,
      defaultTimeoutMs: 20_000,
      interceptors: [
        (next) => async (request) => {
          request.header.set(
            "authorization",
            `Bearer ${typeof bearer === "string" ? bearer : await bearer()}`,
          );
          return next(request);
        },
      ] satisfies Parameters<typeof createGrpcTransport>[0]["interceptors"],
    };
    return protocol === "grpc"
      ? createGrpcTransport(options)
      : createConnectTransport({ ...options, httpVersion: "2" });
  };
  const onIdentity = transport(identity.url);
  const onAuthorization = transport(authorization.url);
  const [onCredential, onSecondCredential] = [transport(credentials[0].url), transport(credentials[1].url)];
  return {
    accounts: createClient(AccountService, onIdentity),
    serviceUsers: createClient(ServiceUserService, onIdentity),
    users: createClient(UserService, onIdentity),
    signIn: createClient(SignInService, onIdentity),
    members: createClient(MembershipService, onIdentity),
    invitations: createClient(InvitationService, onIdentity),
    roles: createClient(RoleService, onAuthorization),
    groups: createClient(GroupService, onAuthorization),
    roleBindings: createClient(RoleBindingService, onAuthorization),
    checks: createClient(CheckService, onAuthorization),
    objects: createClient(ObjectService, onAuthorization),
    policies: createClient(PolicyService, onAuthorization),
    credentials: createClient(CredentialService, onCredential),
    sessions: createClient(SessionService, onCredential),
    verify: [onCredential, onSecondCredential].map((one) => createClient(VerificationService, one)),
    enforcement: {
      authorization: createClient(PrincipalEnforcementService, onAuthorization),
      credential: createClient(PrincipalEnforcementService, onCredential),
    },
  };
}

/** `"ok"`, or the reason that the call failed with. */
export function reasonFrom(call: Promise<unknown>): Promise<string | undefined> {
  return call.then(
    () => "ok",
    (error: unknown) => reasonOf(error) ?? String(error),
  );
}
