import { Health } from "@portcullis/contracts/grpc/health/v1/health_pb.ts";
import { CatalogService } from "@portcullis/contracts/portcullis/authorization/v1/catalog_pb.ts";
import { CheckService } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { RoleBindingService } from "@portcullis/contracts/portcullis/authorization/v1/role_binding_pb.ts";
import { ErrorReasonSchema } from "@portcullis/contracts/portcullis/common/v1/error_reason_pb.ts";
import { ReceiptService } from "@portcullis/contracts/portcullis/common/v1/receipt_service_pb.ts";
import { CredentialService } from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { SessionService } from "@portcullis/contracts/portcullis/credential/v1/session_pb.ts";
import { VerificationService } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { PrincipalEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/principal_enforcement_pb.ts";
import { InvitationService } from "@portcullis/contracts/portcullis/identity/v1/invitation_pb.ts";
import { MembershipService } from "@portcullis/contracts/portcullis/identity/v1/membership_pb.ts";
import { ServiceUserService } from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import { SignInService } from "@portcullis/contracts/portcullis/identity/v1/sign_in_pb.ts";
import { SuperAdminService } from "@portcullis/contracts/portcullis/identity/v1/super_admin_pb.ts";
import { UserService } from "@portcullis/contracts/portcullis/identity/v1/user_pb.ts";
import { kindOfReason } from "@portcullis/errors";
import { expect, test } from "vitest";
import { accessOf, requireAccessDeclared } from "./access.ts";

test("the reasons of packages/errors are those of the proto enum", () => {
  const inProto = ErrorReasonSchema.values
    .map(({ localName }) => localName)
    .filter((n) => n !== "UNSPECIFIED");
  expect(Object.keys(kindOfReason).toSorted()).toEqual(inProto.toSorted());
});

test("every method says who may call it", () => {
  const all = [
    CatalogService,
    CheckService,
    RoleBindingService,
    CredentialService,
    SessionService,
    VerificationService,
    PrincipalEnforcementService,
    ReceiptService,
    ServiceUserService,
    InvitationService,
    MembershipService,
    SignInService,
    SuperAdminService,
    UserService,
  ];
  expect(() => requireAccessDeclared(all)).not.toThrow();
});

test("a service with a method that does not say so is refused", () => {
  expect(() => requireAccessDeclared([Health])).toThrow("does not say who may call it");
});

test("nobody but people who sign up, prove themselves by password or have a link may call without a credential", () => {
  const people = [InvitationService, MembershipService, SignInService, UserService];
  const open = people.flatMap(({ methods }) => methods).filter((method) => accessOf(method).anyone);
  expect(open.map(({ name }) => name).toSorted()).toEqual([
    "ConfirmEmailChange",
    "ConfirmSecondFactor",
    "EnrolSecondFactor",
    "PreviewInvitation",
    "RequestPasswordReset",
    "ResetPassword",
    "SignIn",
    "SignUp",
    "VerifyEmail",
  ]);
});

test("the enforcement methods are for identity alone", () => {
  for (const method of PrincipalEnforcementService.methods) {
    expect(accessOf(method)).toMatchObject({ permission: "", workloads: ["identity"], anyone: false });
  }
});
