/** What a credential is. */
export type CredentialKind = "authtoken" | "api_key" | "ssh_key" | "session";

/** What a credential is to be used for: one of the endpoints that an agent can bind. */
export type Action =
  | { readonly host: string }
  | { readonly host: string; readonly port: number }
  | { readonly labels: Readonly<Record<string, string>> }
  | { readonly randomTcpPort: true };

/** What is asked about a token. */
export interface TokenQuestion extends KeyQuestion {
  /** Kinds to accept; absent for any. */
  readonly acceptedKinds?: readonly CredentialKind[] | undefined;
}

/** What is asked about an SSH key. */
export interface KeyQuestion {
  /** What it is to be used for; absent: nothing that an ACL speaks of. */
  readonly action?: Action | undefined;
  /**
   * The address that the credential came from, as this server saw it. Absent: unknown; then credentials with IP
   * ranges are refused, and failed attempts are not throttled.
   */
  readonly sourceIp?: string | undefined;
  /** As the program that presented it calls itself. Shown with the credential's last use, and nothing else. */
  readonly userAgent?: string | undefined;
}

/** Whose credential it is, and what. */
export interface VerifiedCredential {
  readonly credentialId: string;
  readonly kind: CredentialKind | "unrecognized";
  /** The account it works for. */
  readonly accountId: string;
  /** The user or service user. */
  readonly ownerId: string;
  readonly ownerKind: "user" | "service_user" | "unrecognized";
  readonly ownerVersion: number;
  readonly aclRules: readonly string[];
  /** When it stops to work; undefined means never. */
  readonly expireTime: Date | undefined;
  /** For programs, as its owner wrote it. */
  readonly metadata: string;
  /** Sessions only: which sign-in of whom it is part of. */
  readonly session: { readonly sessionGroupId: string; readonly userId: string } | undefined;
}

/** Why a genuine credential is refused. */
export type Refusal =
  | "wrong_kind"
  | "revoked"
  | "expired"
  | "owner_inactive"
  | "owner_locked"
  | "ip_not_allowed"
  | "acl_denied"
  | "account_suspended";

/** What an answer rests on. */
export interface VerificationBasis {
  /** The position in the service's log; every change whose operation had returned before the question is in it. */
  readonly evaluatedRevision: number;
  /** 0, unless the service prefers availability and can't reach its database: by how much it may be behind. */
  readonly stalenessMsMax: number;
}

/** Whether a credential is good for what was asked. Whatever is not `valid` is a refusal. */
export type Verification =
  | (VerificationBasis & { readonly result: "valid"; readonly credential: VerifiedCredential })
  | (VerificationBasis & { readonly result: Refusal; readonly credential: VerifiedCredential | undefined })
  /** No such credential, a wrong secret, deleted, or of an account that this program can't see: one answer. */
  | (VerificationBasis & { readonly result: "unknown" })
  /** Not the text of a token or key at all. */
  | (VerificationBasis & { readonly result: "malformed" })
  | (VerificationBasis & { readonly result: "throttled"; readonly retryAfterMs: number })
  /** A reason to refuse that this release does not know. */
  | (VerificationBasis & { readonly result: "unrecognized" });
