import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { CatalogService } from "@portcullis/contracts/portcullis/authorization/v1/catalog_pb.ts";
import { CheckService } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { GrantService } from "@portcullis/contracts/portcullis/authorization/v1/grant_pb.ts";
import { GroupService } from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import { GuardService } from "@portcullis/contracts/portcullis/authorization/v1/guard_pb.ts";
import { ObjectService } from "@portcullis/contracts/portcullis/authorization/v1/object_pb.ts";
import { PolicyService } from "@portcullis/contracts/portcullis/authorization/v1/policy_pb.ts";
import { RoleBindingService } from "@portcullis/contracts/portcullis/authorization/v1/role_binding_pb.ts";
import { RoleService } from "@portcullis/contracts/portcullis/authorization/v1/role_pb.ts";
import { CredentialService } from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { SessionService } from "@portcullis/contracts/portcullis/credential/v1/session_pb.ts";
import { VerificationService } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { AccountService } from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import { InstallationService } from "@portcullis/contracts/portcullis/identity/v1/installation_pb.ts";
import { InvitationService } from "@portcullis/contracts/portcullis/identity/v1/invitation_pb.ts";
import { MembershipService } from "@portcullis/contracts/portcullis/identity/v1/membership_pb.ts";
import { ServiceUserService } from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import { SignInService } from "@portcullis/contracts/portcullis/identity/v1/sign_in_pb.ts";
import { SuperAdminService } from "@portcullis/contracts/portcullis/identity/v1/super_admin_pb.ts";
import { UserService } from "@portcullis/contracts/portcullis/identity/v1/user_pb.ts";
import { accessOf } from "@portcullis/service";
import type { ServiceUrls } from "../peers/clients.ts";

/** Which service answers for which contracts; what several services answer for is between them. */
const contracts: Readonly<Record<keyof ServiceUrls, readonly DescService[]>> = {
  identity: [
    AccountService,
    InstallationService,
    InvitationService,
    MembershipService,
    ServiceUserService,
    SignInService,
    SuperAdminService,
    UserService,
  ],
  authorization: [
    CatalogService,
    CheckService,
    GrantService,
    GroupService,
    GuardService,
    ObjectService,
    PolicyService,
    RoleBindingService,
    RoleService,
  ],
  credential: [CredentialService, SessionService, VerificationService],
};

/** A method that may be called from outside. */
export interface ExposedMethod {
  readonly service: keyof ServiceUrls;
  readonly method: DescMethod;
  /** `/portcullis.identity.v1.UserService/SignUp`. */
  readonly path: string;
  /** Its callers have no credential. */
  readonly isForAnyone: boolean;
  /** It answers once; a stream goes on for as long as both sides like. */
  readonly isUnary: boolean;
}

/** By its path, each method that is not for services of the installation alone. */
export const exposedMethods: ReadonlyMap<string, ExposedMethod> = new Map(
  Object.entries(contracts).flatMap(([name, services]) =>
    services.flatMap(({ typeName, methods }) =>
      methods.filter(isForOutside).map((method) => {
        const path = `/${typeName}/${method.name}`;
        const exposed: ExposedMethod = {
          service: name as keyof ServiceUrls, // the record's own key
          method,
          path,
          isForAnyone: accessOf(method).anyone,
          isUnary: method.methodKind === "unary",
        };
        return [path, exposed] as const;
      }),
    ),
  ),
);

/** Whether anybody but services may call the method, by what its proto file says. */
export function isForOutside(method: DescMethod): boolean {
  const { anyone, self, permission } = accessOf(method);
  return anyone || self || permission !== "";
}
