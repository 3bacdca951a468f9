import type { SharedTables } from "@portcullis/postgres";

/** The tables of the credential service's database. */
export interface Schema extends SharedTables {
  principals: PrincipalsTable;
  credentials: CredentialsTable;
  credential_locators: CredentialLocatorsTable;
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
  kind: "authtoken" | "api_key" | "ssh_key";
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
