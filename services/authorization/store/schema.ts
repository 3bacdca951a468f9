import type { CoherenceTables } from "@portcullis/coherence/postgres";
import type { EnforcedAccountsTable, SharedTables } from "@portcullis/postgres";
import type { Generated } from "kysely";
import type { AccountPolicy } from "../domain/account-policy.ts";
import type { Principal } from "../domain/principal.ts";
import type { RoleAspect } from "../domain/role.ts";

/** The tables of the authorization service. */
export interface AuthorizationSchema extends SharedTables, CoherenceTables {
  accounts: EnforcedAccountsTable;
  principals: PrincipalsTable;
  role_bindings: RoleBindingsTable;
  catalog_namespaces: CatalogNamespacesTable;
  catalog_permissions: CatalogPermissionsTable;
  catalog_object_types: CatalogObjectTypesTable;
  account_policies: AccountPoliciesTable;
  roles: NamedTable & { role_id: string };
  role_permissions: RolePermissionsTable;
  groups: NamedTable & { group_id: string };
  group_members: GroupMembersTable;
  role_assignments: RoleAssignmentsTable;
  direct_permissions: DirectPermissionsTable;
  objects: ObjectsTable;
  object_access: ObjectAccessTable;
}

/** Identity's principals as last told; deleted ones stay. */
export interface PrincipalsTable {
  account_id: string;
  principal_id: string;
  kind: Principal["kind"];
  state: Principal["state"];
  version: number;
  super_admin: boolean;
  /** Set while identity is about to disable or remove the member. */
  leaving_version: Generated<number | null>;
  leaving_until: Generated<Date | null>;
}

export interface RoleBindingsTable {
  account_id: string;
  principal_id: string;
  aspect: RoleAspect;
  role_id: string;
  created_at: Date;
}

export interface CatalogNamespacesTable {
  namespace: string;
  version: number;
  digest: Uint8Array;
}

export interface CatalogPermissionsTable {
  permission_id: string;
  namespace: string;
  description: string;
  retired: boolean;
}

export interface CatalogObjectTypesTable {
  object_type: string;
  namespace: string;
  modify_permission_id: string;
  retired: boolean;
}

export interface AccountPoliciesTable {
  account_id: string;
  service_user_policy: AccountPolicy["serviceUserPolicy"];
  new_object_access: AccountPolicy["newObjectAccess"];
  default_permission_ids: readonly string[];
  default_group_ids: readonly string[];
  version: number;
}

/** A role or a group, apart from its id. */
export interface NamedTable {
  account_id: string;
  display_name: string;
  /** The name in the form in which it is unique. */
  name_key: string;
  description: string;
  version: number;
  created_at: Date;
  updated_at: Date;
}

export interface RolePermissionsTable {
  account_id: string;
  role_id: string;
  permission_id: string;
}

export interface GroupMembersTable {
  account_id: string;
  group_id: string;
  principal_id: string;
}

/** The holder is a principal or a group. */
export interface RoleAssignmentsTable {
  account_id: string;
  holder_id: string;
  role_id: string;
}

export interface DirectPermissionsTable {
  account_id: string;
  principal_id: string;
  permission_id: string;
}

export interface ObjectsTable {
  account_id: string;
  object_type: string;
  object_id: string;
  creator_id: string | null;
  /** How many rows of object_access it has. */
  entries: number;
  created_at: Date;
}

/** The holder is a principal or a group, Everyone included. */
export interface ObjectAccessTable {
  account_id: string;
  object_type: string;
  object_id: string;
  holder_id: string;
  /** To modify implies to view. */
  can_modify: boolean;
}
