import type { SharedTables } from "@portcullis/postgres";

/** The tables of identity's database. */
export interface Schema extends SharedTables {
  accounts: AccountsTable;
  service_users: ServiceUsersTable;
  users: UsersTable;
  memberships: MembershipsTable;
  installation: InstallationTable;
  pending_enforcements: PendingEnforcementsTable;
}

export interface AccountsTable {
  id: string;
  display_name: string;
  created_at: Date;
  updated_at: Date;
  version: number;
}

export interface ServiceUsersTable {
  account_id: string;
  id: string;
  name: string;
  /** Unique in the account while the row is not deleted. */
  name_key: string;
  description: string;
  state: "active" | "inactive" | "locked" | "deleted";
  /** With `locked` only. */
  state_underneath: "active" | "inactive" | null;
  created_at: Date;
  updated_at: Date;
  version: number;
}

export interface UsersTable {
  id: string;
  email: string;
  /** Unique. */
  email_key: string;
  super_admin: boolean;
  created_at: Date;
}

export interface MembershipsTable {
  account_id: string;
  user_id: string;
  state: "active" | "inactive" | "deleted";
  created_at: Date;
  updated_at: Date;
  version: number;
}

/** One row at most. */
export interface InstallationTable {
  only_row: boolean;
  account_id: string;
  user_id: string;
}

/** What an enforcer has not confirmed yet; one row for each principal and enforcer. */
export interface PendingEnforcementsTable {
  account_id: string;
  principal_id: string;
  enforcer: string;
  /** The highest version owed. */
  version: number;
  attempts: number;
  due_at: Date;
}
