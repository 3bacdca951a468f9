import type { ConnectRouter } from "@connectrpc/connect";
import { CatalogService } from "@portcullis/contracts/portcullis/authorization/v1/catalog_pb.ts";
import { CheckService } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { RoleBindingService } from "@portcullis/contracts/portcullis/authorization/v1/role_binding_pb.ts";
import { RoleService } from "@portcullis/contracts/portcullis/authorization/v1/role_pb.ts";
import { PrincipalEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/principal_enforcement_pb.ts";
import type { Clock, RoleBindingStore, SubjectStore, UnitOfWork } from "../domain/ports.ts";
import { applyPrincipal } from "./apply-principal.ts";
import { checkPermission } from "./check.ts";
import { createRoleBinding } from "./create-role-binding.ts";
import { deleteRoleBinding } from "./delete-role-binding.ts";
import { listPermissions } from "./list-catalog-permissions.ts";
import { listRoleBindings } from "./list-role-bindings.ts";
import { listRoles } from "./list-roles.ts";
import { previewPrincipal } from "./preview-principal.ts";

export interface RouteDeps {
  readonly subjects: SubjectStore;
  readonly roleBindings: RoleBindingStore;
  readonly work: UnitOfWork;
  readonly now: Clock;
}

/** What `registerRoutes` registers. */
export const services = [
  CatalogService,
  CheckService,
  PrincipalEnforcementService,
  RoleBindingService,
  RoleService,
] as const;

export function registerRoutes(router: ConnectRouter, deps: RouteDeps): void {
  router.service(CatalogService, { listCatalogPermissions: listPermissions() });
  router.service(CheckService, { check: checkPermission(deps) });
  router.service(PrincipalEnforcementService, {
    applyPrincipal: applyPrincipal(deps),
    previewPrincipal: previewPrincipal(deps),
  });
  router.service(RoleBindingService, {
    createRoleBinding: createRoleBinding(deps),
    deleteRoleBinding: deleteRoleBinding(deps),
    listRoleBindings: listRoleBindings(deps),
  });
  router.service(RoleService, { listRoles: listRoles() });
}
