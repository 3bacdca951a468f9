import type { SharedTables } from "@portcullis/postgres";
import type { Principal } from "../domain/principal.ts";
import type { RoleAspect } from "../domain/role.ts";

/** The tables of the authorization service. */
export interface AuthorizationSchema extends SharedTables {
  principals: PrincipalsTable;
  role_bindings: RoleBindingsTable;
}

/** Identity's principals as last told; deleted ones stay. */
export interface PrincipalsTable {
  account_id: string;
  principal_id: string;
  kind: Principal["kind"];
  state: Principal["state"];
  version: number;
  super_admin: boolean;
}

export interface RoleBindingsTable {
  account_id: string;
  principal_id: string;
  aspect: RoleAspect;
  role_id: string;
  created_at: Date;
}
