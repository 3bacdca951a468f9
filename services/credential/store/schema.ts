import type { CoherenceTables } from "@portcullis/coherence/postgres";
import type { EnforcedAccountsTable, SharedTables } from "@portcullis/postgres";

/** The tables of the credential service's database. */
export interface Schema extends SharedTables, CoherenceTables {
  accounts: EnforcedAccountsTable;
  principals: PrincipalsTable;
  credentials: CredentialsTable;
  credential_locators: CredentialLocatorsTable;
  sessions: SessionsTable;
  credential_uses: CredentialUsesTable;
}

/** When a credential was last used; no row if never. */
export interface CredentialUsesTable {
  account_id: string;
  credential_id: string;
  used_at: Date;
  source_ip: string;
  user_agent: string;
}

/** What identity has told of principals. Rows stay when a principal is deleted. */
export interface PrincipalsTable {
  account_id: string;
  principal_id: string;
  kind: "user" | "service_user";
  state: "active" | "inactive" | "locked" | "deleted";
  version: number;
}

export interface CredentialsTable {
  account_id: string;
  id: string;
  kind: "authtoken" | "api_key" | "ssh_key" | "session";
  owner_id: string;
  /** Its row in credential_locators. */
  locator: string;
  description: string;
  metadata: string;
  acl_rules: readonly string[];
  allowed_ip_ranges: readonly string[];
  /** Tokens only. */
  secret_hash: Uint8Array | null;
  /** Tokens only. */
  token_hint: string | null;
  /** SSH keys only. */
  ssh_key_type: string | null;
  /** SSH keys only. */
  ssh_fingerprint: string | null;
  /** SSH keys only. */
  ssh_authorized_key: string | null;
  expires_at: Date | null;
  created_at: Date;
  updated_at: Date;
  revoked_at: Date | null;
  version: number;
}

/** What a presented token or key is found by, whatever its account. */
export interface CredentialLocatorsTable {
  locator: string;
  account_id: string;
  credential_id: string;
}

/** What sessions have beyond other credentials; gone with their row in `credentials`. */
export interface SessionsTable {
  account_id: string;
  credential_id: string;
  group_id: string;
  user_id: string;
  secrets_version: number;
  idle_ms: number;
  /** Written at most once in a tenth of `idle_ms`. */
  last_used_at: Date;
  user_agent: string;
  source_ip: string;
}
