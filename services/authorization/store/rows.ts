import type { Selectable } from "kysely";
import type { PrincipalRef } from "../domain/ids.ts";
import type { Principal } from "../domain/principal.ts";
import type { RoleBinding } from "../domain/role-binding.ts";
import type { PrincipalsTable, RoleBindingsTable } from "./schema.ts";

type BindingRow = Omit<Selectable<RoleBindingsTable>, "aspect">;

export type PrincipalRow = Omit<Selectable<PrincipalsTable>, "leaving_version" | "leaving_until">;

export function toPrincipal(row: PrincipalRow): Principal {
  const { kind, state, version, super_admin: superAdmin } = row;
  return { ...toRef(row), kind, state, version, superAdmin };
}

export function toBinding(row: BindingRow): RoleBinding {
  return { ...toRef(row), roleId: row.role_id, createdAt: row.created_at };
}

/** Ids were parsed before they were stored. */
function toRef(row: { account_id: string; principal_id: string }): PrincipalRef {
  const ref: { accountId: string; principalId: string } = {
    accountId: row.account_id,
    principalId: row.principal_id,
  };
  return ref as PrincipalRef;
}
