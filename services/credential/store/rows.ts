import type { Selectable } from "kysely";
import { formatAclRule, parseAclRules } from "../domain/acl.ts";
import type { Credential, Locator, Proof } from "../domain/credential.ts";
import { parseAccountId, parseCredentialId, parsePrincipalId } from "../domain/ids.ts";
import { parseIpRanges } from "../domain/ip-range.ts";
import type { Principal } from "../domain/principal.ts";
import type { SessionFacts } from "../domain/session.ts";
import type { SshFingerprint } from "../domain/ssh-key.ts";
import { secretHashBytes, toSecretHash } from "../domain/token.ts";
import type { CredentialsTable, PrincipalsTable, SessionsTable } from "./schema.ts";

type CredentialRow = Selectable<CredentialsTable>;

/** A left join's columns of `sessions`: null unless the credential is one. */
export interface SessionColumns {
  readonly session_group_id: string | null;
  readonly session_user_id: string | null;
  readonly session_secrets_version: number | null;
  readonly session_idle_ms: number | null;
  readonly session_last_used_at: Date | null;
  readonly session_user_agent: string | null;
  readonly session_source_ip: string | null;
}

/** Throws for a row that this service can't have written: a fault, never an answer to a caller. */
export function toCredential(row: CredentialRow & Partial<SessionColumns>): Credential {
  try {
    return {
      accountId: parseAccountId(row.account_id),
      id: parseCredentialId(row.id),
      ownerId: parsePrincipalId(row.owner_id),
      // Written by fromCredential only.
      locator: row.locator as Locator,
      proof: toProof(row),
      description: row.description,
      metadata: row.metadata,
      aclRules: parseAclRules(row.acl_rules),
      allowedIpRanges: parseIpRanges(row.allowed_ip_ranges),
      expiresAt: row.expires_at ?? undefined,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
      revokedAt: row.revoked_at ?? undefined,
      version: row.version,
    };
  } catch (error) {
    throw new Error(`the row of credential ${row.id} can't be read`, { cause: error });
  }
}

function toProof(row: CredentialRow & Partial<SessionColumns>): Proof {
  const { kind, secret_hash, token_hint, ssh_key_type, ssh_fingerprint, ssh_authorized_key } = row;
  if (kind !== "ssh_key") {
    if (secret_hash === null || token_hint === null) throw new Error("a token without its parts");
    const token = { tokenHint: token_hint, secretHash: toSecretHash(secret_hash) };
    return kind === "session" ? { kind, ...token, session: toSessionFacts(row) } : { kind, ...token };
  }
  if (ssh_key_type === null || ssh_fingerprint === null || ssh_authorized_key === null) {
    throw new Error("an SSH key without its parts");
  }
  // Written by fromCredential only.
  const fingerprint = ssh_fingerprint as SshFingerprint;
  return { kind, keyType: ssh_key_type, fingerprint, authorizedKey: ssh_authorized_key };
}

function toSessionFacts(row: Partial<SessionColumns>): SessionFacts {
  const { session_group_id: groupId, session_user_id: userId, session_secrets_version: secretsVersion } = row;
  const { session_idle_ms: idleMs, session_last_used_at: lastUsedAt } = row;
  const { session_user_agent: userAgent, session_source_ip: sourceIp } = row;
  if (
    groupId == null ||
    userId == null ||
    secretsVersion == null ||
    idleMs == null ||
    lastUsedAt == null ||
    userAgent == null ||
    sourceIp == null
  ) {
    throw new Error("a session without its parts");
  }
  return { groupId, userId, secretsVersion, idleMs, lastUsedAt, userAgent, sourceIp };
}

/** The row in `sessions`, for those that have one. */
export function fromSession({ accountId, id, proof }: Credential): SessionsTable | undefined {
  if (proof.kind !== "session") return undefined;
  const { session } = proof;
  return {
    account_id: accountId,
    credential_id: id,
    group_id: session.groupId,
    user_id: session.userId,
    secrets_version: session.secretsVersion,
    idle_ms: session.idleMs,
    last_used_at: session.lastUsedAt,
    user_agent: session.userAgent,
    source_ip: session.sourceIp,
  };
}

export function fromCredential(credential: Credential): CredentialsTable {
  return {
    account_id: credential.accountId,
    id: credential.id,
    kind: credential.proof.kind,
    owner_id: credential.ownerId,
    locator: credential.locator,
    description: credential.description,
    metadata: credential.metadata,
    acl_rules: credential.aclRules.map(formatAclRule),
    allowed_ip_ranges: credential.allowedIpRanges.map(({ text }) => text),
    ...fromProof(credential.proof),
    expires_at: credential.expiresAt ?? null,
    created_at: credential.createdAt,
    updated_at: credential.updatedAt,
    revoked_at: credential.revokedAt ?? null,
    version: credential.version,
  };
}

function fromProof(proof: Proof) {
  const none = {
    secret_hash: null,
    token_hint: null,
    ssh_key_type: null,
    ssh_fingerprint: null,
    ssh_authorized_key: null,
  };
  if (proof.kind !== "ssh_key") {
    return { ...none, secret_hash: secretHashBytes(proof.secretHash), token_hint: proof.tokenHint };
  }
  return {
    ...none,
    ssh_key_type: proof.keyType,
    ssh_fingerprint: proof.fingerprint,
    ssh_authorized_key: proof.authorizedKey,
  };
}

export function toPrincipal(row: Selectable<PrincipalsTable>): Principal {
  return {
    accountId: parseAccountId(row.account_id),
    principalId: parsePrincipalId(row.principal_id),
    kind: row.kind,
    state: row.state,
    version: row.version,
  };
}

export function fromPrincipal(principal: Principal): PrincipalsTable {
  return {
    account_id: principal.accountId,
    principal_id: principal.principalId,
    kind: principal.kind,
    state: principal.state,
    version: principal.version,
  };
}
