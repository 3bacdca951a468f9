import type { ConnectRouter } from "@connectrpc/connect";
import { AccountService } from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import { InstallationService } from "@portcullis/contracts/portcullis/identity/v1/installation_pb.ts";
import { InvitationService } from "@portcullis/contracts/portcullis/identity/v1/invitation_pb.ts";
import { MembershipService } from "@portcullis/contracts/portcullis/identity/v1/membership_pb.ts";
import { ServiceUserService } from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import { SignInService } from "@portcullis/contracts/portcullis/identity/v1/sign_in_pb.ts";
import { SuperAdminService } from "@portcullis/contracts/portcullis/identity/v1/super_admin_pb.ts";
import { UserService } from "@portcullis/contracts/portcullis/identity/v1/user_pb.ts";
import { acceptInvitation } from "./accept-invitation.ts";
import { activateServiceUser } from "./activate-service-user.ts";
import { addSuperAdmin } from "./add-super-admin.ts";
import { assignPlan } from "./assign-plan.ts";
import { bootstrapInstallation } from "./bootstrap-installation.ts";
import { changePassword } from "./change-password.ts";
import { checkFeature } from "./check-feature.ts";
import { confirmEmailChange } from "./confirm-email-change.ts";
import { confirmSecondFactor } from "./confirm-second-factor.ts";
import { confirmTotp } from "./confirm-totp.ts";
import { createAccount } from "./create-account.ts";
import { createInvitations } from "./create-invitations.ts";
import { createServiceUser } from "./create-service-user.ts";
import { deactivateServiceUser } from "./deactivate-service-user.ts";
import { deleteAccount } from "./delete-account.ts";
import { deleteServiceUser } from "./delete-service-user.ts";
import { deleteUser } from "./delete-user.ts";
import type { IdentityDeps } from "./deps.ts";
import { disableMembership } from "./disable-membership.ts";
import { disableTotp } from "./disable-totp.ts";
import { enableMembership } from "./enable-membership.ts";
import { enrolSecondFactor } from "./enrol-second-factor.ts";
import { enrolTotp } from "./enrol-totp.ts";
import { getAccount } from "./get-account.ts";
import { getMembership } from "./get-membership.ts";
import { getServiceUser } from "./get-service-user.ts";
import { getUser } from "./get-user.ts";
import { leaveAccount } from "./leave-account.ts";
import { listAccounts } from "./list-accounts.ts";
import { listInvitations } from "./list-invitations.ts";
import { listMemberships } from "./list-memberships.ts";
import { listOwnMemberships } from "./list-own-memberships.ts";
import { listServiceUsers } from "./list-service-users.ts";
import { listSuperAdmins } from "./list-super-admins.ts";
import { lockServiceUser } from "./lock-service-user.ts";
import { previewInvitation } from "./preview-invitation.ts";
import { removeMembership } from "./remove-membership.ts";
import { removeSuperAdmin } from "./remove-super-admin.ts";
import { requestEmailChange } from "./request-email-change.ts";
import { requestPasswordReset } from "./request-password-reset.ts";
import { resendInvitation } from "./resend-invitation.ts";
import { resetPassword } from "./reset-password.ts";
import { restoreAccount } from "./restore-account.ts";
import { revokeInvitation } from "./revoke-invitation.ts";
import { signIn } from "./sign-in.ts";
import { signOut } from "./sign-out.ts";
import { signUp } from "./sign-up.ts";
import { suspendAccount } from "./suspend-account.ts";
import { switchAccount } from "./switch-account.ts";
import { unlockServiceUser } from "./unlock-service-user.ts";
import { updateAccount } from "./update-account.ts";
import { updateInvitation } from "./update-invitation.ts";
import { updateServiceUser } from "./update-service-user.ts";
import { updateUser } from "./update-user.ts";
import { verifyEmail } from "./verify-email.ts";

/** The proto services that identity serves. */
export const services = [
  AccountService,
  InstallationService,
  InvitationService,
  MembershipService,
  ServiceUserService,
  SignInService,
  SuperAdminService,
  UserService,
];

/** Registers every RPC of identity. */
export function routes(router: ConnectRouter, deps: IdentityDeps): void {
  router.service(AccountService, {
    createAccount: createAccount(deps),
    getAccount: getAccount(deps),
    listAccounts: listAccounts(deps),
    updateAccount: updateAccount(deps),
    assignPlan: assignPlan(deps),
    checkFeature: checkFeature(deps),
    suspendAccount: suspendAccount(deps),
    restoreAccount: restoreAccount(deps),
    deleteAccount: deleteAccount(deps),
  });
  router.service(InstallationService, { bootstrapInstallation: bootstrapInstallation(deps) });
  router.service(ServiceUserService, {
    createServiceUser: createServiceUser(deps),
    getServiceUser: getServiceUser(deps),
    listServiceUsers: listServiceUsers(deps),
    updateServiceUser: updateServiceUser(deps),
    activateServiceUser: activateServiceUser(deps),
    deactivateServiceUser: deactivateServiceUser(deps),
    lockServiceUser: lockServiceUser(deps),
    unlockServiceUser: unlockServiceUser(deps),
    deleteServiceUser: deleteServiceUser(deps),
  });
  router.service(UserService, {
    signUp: signUp(deps),
    verifyEmail: verifyEmail(deps),
    getUser: getUser(deps),
    updateUser: updateUser(deps),
    changePassword: changePassword(deps),
    requestPasswordReset: requestPasswordReset(deps),
    resetPassword: resetPassword(deps),
    enrolTotp: enrolTotp(deps),
    confirmTotp: confirmTotp(deps),
    disableTotp: disableTotp(deps),
    requestEmailChange: requestEmailChange(deps),
    confirmEmailChange: confirmEmailChange(deps),
    deleteUser: deleteUser(deps),
  });
  router.service(SignInService, {
    signIn: signIn(deps),
    switchAccount: switchAccount(deps),
    signOut: signOut(deps),
    enrolSecondFactor: enrolSecondFactor(deps),
    confirmSecondFactor: confirmSecondFactor(deps),
  });
  router.service(MembershipService, {
    listMemberships: listMemberships(deps),
    getMembership: getMembership(deps),
    disableMembership: disableMembership(deps),
    enableMembership: enableMembership(deps),
    removeMembership: removeMembership(deps),
    leaveAccount: leaveAccount(deps),
    listOwnMemberships: listOwnMemberships(deps),
  });
  router.service(InvitationService, {
    createInvitations: createInvitations(deps),
    listInvitations: listInvitations(deps),
    resendInvitation: resendInvitation(deps),
    updateInvitation: updateInvitation(deps),
    revokeInvitation: revokeInvitation(deps),
    previewInvitation: previewInvitation(deps),
    acceptInvitation: acceptInvitation(deps),
  });
  router.service(SuperAdminService, {
    listSuperAdmins: listSuperAdmins(deps),
    addSuperAdmin: addSuperAdmin(deps),
    removeSuperAdmin: removeSuperAdmin(deps),
  });
}
