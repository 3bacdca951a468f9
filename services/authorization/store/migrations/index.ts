import { defineMigrations } from "@portcullis/postgres";
import { up as principalsAndRoleBindings } from "./0001_principals_and_role_bindings.ts";
import { up as rolesGroupsAndGrants } from "./0002_roles_groups_and_grants.ts";
import { up as operatorsOfAnAccount } from "./0003_operators_of_an_account.ts";
import { up as accounts } from "./0004_accounts.ts";
import { up as receipts } from "./0050_receipts.ts";
import { up as coherence } from "./0051_coherence.ts";

/** Every migration of the service's database. */
export const migrations = defineMigrations({
  "0001_principals_and_role_bindings": { up: principalsAndRoleBindings },
  "0002_roles_groups_and_grants": { up: rolesGroupsAndGrants },
  "0003_operators_of_an_account": { up: operatorsOfAnAccount },
  "0004_accounts": { up: accounts },
  "0050_receipts": { up: receipts },
  "0051_coherence": { up: coherence },
});
