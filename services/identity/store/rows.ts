import type { Insertable, Selectable } from "kysely";
import type { Account } from "../domain/account.ts";
import { parseAccountId, parseServiceUserId } from "../domain/ids.ts";
import { nameKeyOf, type ServiceUser, type ServiceUserState } from "../domain/service-user.ts";
import type { AccountsTable, ServiceUsersTable } from "./schema.ts";

export function toAccount(row: Selectable<AccountsTable>): Account {
  if (row.state === "deleted") throw new Error(`account ${row.id} is deleted`);
  return {
    id: parseAccountId(row.id),
    displayName: row.display_name,
    planId: row.plan_id,
    mfaRequired: row.mfa_required,
    state: row.state,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version: row.version,
  };
}

export function fromAccount(account: Account): Insertable<AccountsTable> {
  return {
    id: account.id,
    display_name: account.displayName,
    plan_id: account.planId,
    mfa_required: account.mfaRequired,
    state: account.state,
    created_at: account.createdAt,
    updated_at: account.updatedAt,
    version: account.version,
  };
}

export function toServiceUser(row: Selectable<ServiceUsersTable>): ServiceUser {
  return {
    accountId: parseAccountId(row.account_id),
    id: parseServiceUserId(row.id),
    name: row.name,
    description: row.description,
    state: toState(row),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version: row.version,
  };
}

export function fromServiceUser(user: ServiceUser): ServiceUsersTable {
  return {
    account_id: user.accountId,
    id: user.id,
    name: user.name,
    name_key: nameKeyOf(user.name),
    description: user.description,
    state: user.state.is,
    state_underneath: user.state.is === "locked" ? user.state.underneath : null,
    created_at: user.createdAt,
    updated_at: user.updatedAt,
    version: user.version,
  };
}

function toState(row: Selectable<ServiceUsersTable>): ServiceUserState {
  if (row.state !== "locked") return { is: row.state };
  if (row.state_underneath === null) throw new Error(`service user ${row.id} is locked over nothing`);
  return { is: "locked", underneath: row.state_underneath };
}
