import type { ConnectRouter } from "@connectrpc/connect";
import { AccountService } from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import { InstallationService } from "@portcullis/contracts/portcullis/identity/v1/installation_pb.ts";
import { ServiceUserService } from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import { activateServiceUser } from "./activate-service-user.ts";
import { bootstrapInstallation } from "./bootstrap-installation.ts";
import { createAccount } from "./create-account.ts";
import { createServiceUser } from "./create-service-user.ts";
import { deactivateServiceUser } from "./deactivate-service-user.ts";
import { deleteServiceUser } from "./delete-service-user.ts";
import type { IdentityDeps } from "./deps.ts";
import { getAccount } from "./get-account.ts";
import { getServiceUser } from "./get-service-user.ts";
import { listAccounts } from "./list-accounts.ts";
import { listServiceUsers } from "./list-service-users.ts";
import { lockServiceUser } from "./lock-service-user.ts";
import { unlockServiceUser } from "./unlock-service-user.ts";
import { updateAccount } from "./update-account.ts";
import { updateServiceUser } from "./update-service-user.ts";

/** The proto services that identity serves. */
export const services = [AccountService, InstallationService, ServiceUserService];

/** Registers every RPC of identity. */
export function routes(router: ConnectRouter, deps: IdentityDeps): void {
  router.service(AccountService, {
    createAccount: createAccount(deps),
    getAccount: getAccount(deps),
    listAccounts: listAccounts(deps),
    updateAccount: updateAccount(deps),
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
}
