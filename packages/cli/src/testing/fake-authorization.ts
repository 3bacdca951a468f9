import type { ConnectRouter } from "@connectrpc/connect";
import { CheckReason, CheckService } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { RoleBindingService } from "@portcullis/contracts/portcullis/authorization/v1/role_binding_pb.ts";
import { RoleAspect, RoleService } from "@portcullis/contracts/portcullis/authorization/v1/role_pb.ts";
import { createTime } from "./fake-time.ts";

/** Roles, bindings and decisions, as simple as can be: everybody holds `credential.credentials.read`. */
export function serveAuthorization(router: ConnectRouter): void {
  router.service(RoleService, {
    listRoles: () => ({
      roles: [
        {
          roleId: "administrator",
          displayName: "Administrator",
          permissionIds: ["identity.account.read", "identity.account.update"],
          aspect: RoleAspect.ADMINISTRATOR,
        },
      ],
    }),
  });
  router.service(RoleBindingService, {
    createRoleBinding: ({ principalId, roleId }) => ({ roleBinding: { principalId, roleId, createTime } }),
    deleteRoleBinding: () => ({}),
    listRoleBindings: ({ principalId }) => ({
      roleBindings: [{ principalId, roleId: "administrator", createTime }],
    }),
  });
  router.service(CheckService, {
    check: ({ permissionId }) =>
      permissionId === "credential.credentials.read"
        ? { allowed: true, reason: CheckReason.ROLE }
        : { allowed: false, reason: CheckReason.NOT_GRANTED },
  });
}
