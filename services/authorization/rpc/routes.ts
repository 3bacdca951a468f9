import type { ConnectRouter } from "@connectrpc/connect";
import type { Clock as MachineClock, Replica, Timing } from "@portcullis/coherence";
import { CatalogService } from "@portcullis/contracts/portcullis/authorization/v1/catalog_pb.ts";
import { CheckService } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { GrantService } from "@portcullis/contracts/portcullis/authorization/v1/grant_pb.ts";
import { GroupService } from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import { GuardService } from "@portcullis/contracts/portcullis/authorization/v1/guard_pb.ts";
import { ObjectService } from "@portcullis/contracts/portcullis/authorization/v1/object_pb.ts";
import { PolicyService } from "@portcullis/contracts/portcullis/authorization/v1/policy_pb.ts";
import { RoleBindingService } from "@portcullis/contracts/portcullis/authorization/v1/role_binding_pb.ts";
import { RoleService } from "@portcullis/contracts/portcullis/authorization/v1/role_pb.ts";
import { AccountEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/account_enforcement_pb.ts";
import { PrincipalEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/principal_enforcement_pb.ts";
import { type ReceiptBook, visibleWithin, watchRevocations } from "@portcullis/service";
import type { CatalogStore } from "../domain/catalog-ports.ts";
import type { AccessStore, FactsFinder, SubjectStore, TokenProver } from "../domain/decision-ports.ts";
import type { GroupStore } from "../domain/group-ports.ts";
import type { ObjectStore } from "../domain/object-ports.ts";
import type { PolicyStore } from "../domain/policy-ports.ts";
import type { Clock, NewId, UnitOfWork } from "../domain/ports.ts";
import type { DependentsStore, RoleBindingStore } from "../domain/principal-ports.ts";
import type { RoleStore } from "../domain/role-ports.ts";
import { addGroupMembers } from "./add-group-members.ts";
import { addGroupRoles } from "./add-group-roles.ts";
import { applyAccount } from "./apply-account.ts";
import { applyPrincipal } from "./apply-principal.ts";
import { assignRoles } from "./assign-roles.ts";
import { batchCheck } from "./batch-check.ts";
import { batchGetHoldings } from "./batch-get-holdings.ts";
import { batchGetRoleHolders } from "./batch-get-role-holders.ts";
import { checkPermission } from "./check.ts";
import { checkMemberChange } from "./check-member-change.ts";
import { createGroup } from "./create-group.ts";
import { createRole } from "./create-role.ts";
import { createRoleBinding } from "./create-role-binding.ts";
import { deleteGroup } from "./delete-group.ts";
import { deleteRole } from "./delete-role.ts";
import { deleteRoleBinding } from "./delete-role-binding.ts";
import { explain } from "./explain.ts";
import { getAccountPolicy } from "./get-account-policy.ts";
import { getGroup } from "./get-group.ts";
import { getObjectAccess } from "./get-object-access.ts";
import { getRole } from "./get-role.ts";
import { grantPermissions } from "./grant-permissions.ts";
import { holdMember } from "./hold-member.ts";
import { listCatalogPermissions } from "./list-catalog-permissions.ts";
import { listGroupMembers } from "./list-group-members.ts";
import { listGroups } from "./list-groups.ts";
import { listObjects } from "./list-objects.ts";
import { listOrphans } from "./list-orphans.ts";
import { listPermissions } from "./list-permissions.ts";
import { listRoleBindings } from "./list-role-bindings.ts";
import { listRoles } from "./list-roles.ts";
import { listSubjects } from "./list-subjects.ts";
import { previewAccount } from "./preview-account.ts";
import { previewPrincipal } from "./preview-principal.ts";
import { registerObjects } from "./register-objects.ts";
import { registerPermissions } from "./register-permissions.ts";
import { removeGroupMembers } from "./remove-group-members.ts";
import { removeGroupRoles } from "./remove-group-roles.ts";
import { rescueObjects } from "./rescue-objects.ts";
import { revokePermissions } from "./revoke-permissions.ts";
import { setMemberRoles } from "./set-member-roles.ts";
import { setObjectAccess } from "./set-object-access.ts";
import { shareObjects } from "./share-objects.ts";
import { unassignRoles } from "./unassign-roles.ts";
import { unregisterObjects } from "./unregister-objects.ts";
import { unshareObjects } from "./unshare-objects.ts";
import { updateAccountPolicy } from "./update-account-policy.ts";
import { updateGroup } from "./update-group.ts";
import { updateRole } from "./update-role.ts";

export interface RouteDeps {
  readonly facts: FactsFinder;
  readonly access: AccessStore;
  readonly subjects: SubjectStore;
  readonly tokens: TokenProver;
  readonly dependents: DependentsStore;
  readonly roleBindings: RoleBindingStore;
  readonly catalog: CatalogStore;
  readonly roles: RoleStore;
  readonly groups: GroupStore;
  readonly policies: PolicyStore;
  readonly objects: ObjectStore;
  readonly work: UnitOfWork;
  readonly receipts: ReceiptBook;
  readonly coherence: {
    readonly replica: Replica;
    /** Of the machine, for waiting. */
    readonly clock: MachineClock;
    readonly timing: Timing;
  };
  readonly now: Clock;
  readonly newId: NewId;
}

/** What `registerRoutes` registers. */
export const services = [
  AccountEnforcementService,
  CatalogService,
  CheckService,
  GrantService,
  GroupService,
  GuardService,
  ObjectService,
  PolicyService,
  PrincipalEnforcementService,
  RoleBindingService,
  RoleService,
] as const;

/** The catalogue is the installation's. */
export const isVisible = visibleWithin(new Set(["account", "principal", "group", "role", "object"]));

export function registerRoutes(router: ConnectRouter, deps: RouteDeps): void {
  router.service(AccountEnforcementService, {
    applyAccount: applyAccount(deps),
    previewAccount: previewAccount(deps),
  });
  router.service(CatalogService, {
    listCatalogPermissions: listCatalogPermissions(deps),
    registerPermissions: registerPermissions(deps),
  });
  router.service(CheckService, {
    check: checkPermission(deps),
    batchCheck: batchCheck(deps),
    listPermissions: listPermissions(deps),
    explain: explain(deps),
    listObjects: listObjects(deps),
    listSubjects: listSubjects(deps),
    watchRevocations: watchRevocations({ ...deps.coherence, isVisible }),
  });
  router.service(GrantService, {
    grantPermissions: grantPermissions(deps),
    revokePermissions: revokePermissions(deps),
    assignRoles: assignRoles(deps),
    unassignRoles: unassignRoles(deps),
    batchGetHoldings: batchGetHoldings(deps),
    batchGetRoleHolders: batchGetRoleHolders(deps),
  });
  router.service(GroupService, {
    createGroup: createGroup(deps),
    getGroup: getGroup(deps),
    listGroups: listGroups(deps),
    updateGroup: updateGroup(deps),
    deleteGroup: deleteGroup(deps),
    addGroupMembers: addGroupMembers(deps),
    removeGroupMembers: removeGroupMembers(deps),
    listGroupMembers: listGroupMembers(deps),
    addGroupRoles: addGroupRoles(deps),
    removeGroupRoles: removeGroupRoles(deps),
  });
  router.service(GuardService, {
    checkMemberChange: checkMemberChange(deps),
    holdMember: holdMember(deps),
  });
  router.service(ObjectService, {
    registerObjects: registerObjects(deps),
    unregisterObjects: unregisterObjects(deps),
    getObjectAccess: getObjectAccess(deps),
    setObjectAccess: setObjectAccess(deps),
    shareObjects: shareObjects(deps),
    unshareObjects: unshareObjects(deps),
    listOrphans: listOrphans(deps),
    rescueObjects: rescueObjects(deps),
  });
  router.service(PolicyService, {
    getAccountPolicy: getAccountPolicy(deps),
    updateAccountPolicy: updateAccountPolicy(deps),
  });
  router.service(PrincipalEnforcementService, {
    applyPrincipal: applyPrincipal(deps),
    previewPrincipal: previewPrincipal(deps),
  });
  router.service(RoleBindingService, {
    createRoleBinding: createRoleBinding(deps),
    deleteRoleBinding: deleteRoleBinding(deps),
    listRoleBindings: listRoleBindings(deps),
    setMemberRoles: setMemberRoles(deps),
  });
  router.service(RoleService, {
    listRoles: listRoles(deps),
    getRole: getRole(deps),
    createRole: createRole(deps),
    updateRole: updateRole(deps),
    deleteRole: deleteRole(deps),
  });
}
