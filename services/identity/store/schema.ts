import type { SharedTables } from "@portcullis/postgres";
import type { ColumnType, Generated } from "kysely";
import type { Grant } from "../domain/member.ts";

/** The tables of identity's database. */
export interface Schema extends SharedTables {
  accounts: AccountsTable;
  service_users: ServiceUsersTable;
  users: UsersTable;
  memberships: MembershipsTable;
  installation: InstallationTable;
  pending_enforcements: PendingEnforcementsTable;
  recovery_codes: RecoveryCodesTable;
  second_factor_guesses: SecondFactorGuessesTable;
  membership_grants: MembershipGrantsTable;
  pending_session_ends: PendingSessionEndsTable;
  mail_outbox: MailOutboxTable;
  links: LinksTable;
  plans: PlansTable;
  invitations: InvitationsTable;
}

export interface AccountsTable {
  id: string;
  plan_id: Generated<string>;
  display_name: string;
  /** Of members: a second factor. */
  mfa_required: Generated<boolean>;
  /** Deleted rows stay, so that ids are never used again. */
  state: Generated<"active" | "suspended" | "deleted">;
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
  /** Empty once deleted. */
  email: string;
  /** Unique; null once deleted. */
  email_key: string | null;
  super_admin: boolean;
  created_at: Date;
  display_name: string;
  state: "active" | "deleted";
  email_verified_at: Date | null;
  /** argon2id, as text with its parameters. */
  password_hash: string | null;
  /** Grows with each change of password or second factor. */
  secrets_version: number;
  /** Sealed; base32 from before secrets were. */
  totp_secret: string | null;
  /** Null: not in use yet. */
  totp_confirmed_at: Date | null;
  /** The step of the last code that was taken: none is taken twice. */
  totp_last_step: number;
  updated_at: Date;
  version: number;
}

export interface RecoveryCodesTable {
  user_id: string;
  code_hash: Uint8Array;
}

/** Since the last right one; no row: none. */
export interface SecondFactorGuessesTable {
  user_id: string;
  count: number;
  blocked_until: Date | null;
}

export interface MembershipsTable {
  account_id: string;
  /** The person as a principal of the account. */
  principal_id: string;
  user_id: string;
  state: "active" | "inactive" | "deleted";
  created_at: Date;
  updated_at: Date;
  version: number;
  /** Not a change of the membership: `version` does not count it. */
  last_sign_in_at: Generated<Date | null>;
}

/** One row at most. */
export interface InstallationTable {
  only_row: boolean;
  account_id: string;
  user_id: string;
}

/** What an enforcer has not confirmed yet; one row for each principal or account, and enforcer. */
export interface PendingEnforcementsTable {
  account_id: string;
  /** The account's own id where it is about the account as a whole. */
  principal_id: string;
  enforcer: string;
  /** The highest version owed. */
  version: number;
  attempts: number;
  due_at: Date;
}

/** What a new member is to be given by authorization, and was not yet. */
export interface MembershipGrantsTable {
  account_id: string;
  principal_id: string;
  kind: "role" | "group" | "permission";
  target_id: string;
}

/** Sessions that credential has not confirmed to have ended; one row for each user, and one for each account. */
export interface PendingSessionEndsTable {
  user_id: string;
  /** Empty: in all accounts. */
  account_id: string;
  /** As of which the account asks for it; 0 for all accounts. */
  account_version: number;
  below_secrets_version: number;
  /** Empty: none is spared. */
  except_group_id: string;
  attempts: number;
  due_at: Date;
}

/** Mails to be sent; they are written when they are. */
export interface MailOutboxTable {
  id: string;
  template: string;
  recipient: string;
  /** The user or invitation that it is about; empty where that is looked up by the recipient. */
  subject_id: string;
  attempts: number;
  created_at: Date;
  due_at: Date;
}

/** Links in mails that were sent. */
export interface LinksTable {
  mail_id: string;
  token_hash: Uint8Array;
  purpose: string;
  subject_id: string;
  expires_at: Date;
}

/** What plans have: one row for each feature. */
export interface PlansTable {
  plan_id: string;
  feature: string;
  /** Null: without a limit. */
  max_count: number | null;
}

export interface InvitationsTable {
  account_id: string;
  id: string;
  email: string;
  /** Unique in the account while pending. */
  email_key: string;
  grants: ColumnType<readonly Grant[], string, string>;
  /** Pending ones may be past their time. */
  state: "pending" | "accepted" | "revoked";
  created_at: Date;
  expires_at: Date;
  version: number;
}
