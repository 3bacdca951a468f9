import type { AclRule } from "./acl.ts";
import type { AccountId, CredentialId, PrincipalId } from "./ids.ts";
import type { IpRange } from "./ip-range.ts";
import { isIdle, type SessionFacts } from "./session.ts";
import type { SshFingerprint, SshPublicKey } from "./ssh-key.ts";
import type { MintedToken, SecretHash, TokenKeyId } from "./token.ts";

/** What a credential is found by: the public half of a token, or the fingerprint of an SSH key. */
export type Locator = string & { readonly __brand: "Locator" };

/** What its holder has to show. */
export type Proof =
  | {
      readonly kind: "authtoken" | "api_key";
      /** The token's prefix and public half. */
      readonly tokenHint: string;
      readonly secretHash: SecretHash;
    }
  | {
      readonly kind: "session";
      readonly tokenHint: string;
      readonly secretHash: SecretHash;
      readonly session: SessionFacts;
    }
  | {
      readonly kind: "ssh_key";
      /** The OpenSSH name of the key's type. */
      readonly keyType: string;
      readonly fingerprint: SshFingerprint;
      readonly authorizedKey: string;
    };

export type CredentialKind = Proof["kind"];

/** How a user or service user proves who it is. Owner and proof never change. */
export interface Credential {
  readonly accountId: AccountId;
  readonly id: CredentialId;
  readonly ownerId: PrincipalId;
  readonly locator: Locator;
  readonly proof: Proof;
  readonly description: string;
  readonly metadata: string;
  /** Empty restricts nothing; always so for API keys. */
  readonly aclRules: readonly AclRule[];
  /** Empty restricts nothing. */
  readonly allowedIpRanges: readonly IpRange[];
  readonly expiresAt: Date | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly revokedAt: Date | undefined;
  /** Grows with each change. */
  readonly version: number;
  /** Told where credentials are read to be shown; absent where not, and for sessions, which have their own. */
  readonly lastUse?: LastUse;
}

/** A use, to about a minute. */
export interface LastUse {
  readonly at: Date;
  readonly sourceIp: string;
  readonly userAgent: string;
}

export function tokenLocator(keyId: TokenKeyId): Locator {
  return `token:${keyId}` as Locator;
}

export function sshLocator(fingerprint: SshFingerprint): Locator {
  return `ssh:${fingerprint}` as Locator;
}

/** The parts of a credential that prove it, for a new token. */
export function tokenProof(
  kind: "authtoken" | "api_key",
  token: MintedToken,
): Pick<Credential, "locator" | "proof"> {
  return { locator: tokenLocator(token.keyId), proof: { kind, ...storedOf(token) } };
}

/** As tokenProof, for a session. */
export function sessionProof(
  token: MintedToken,
  session: SessionFacts,
): Pick<Credential, "locator" | "proof"> {
  return { locator: tokenLocator(token.keyId), proof: { kind: "session", ...storedOf(token), session } };
}

function storedOf(token: MintedToken) {
  return { tokenHint: token.text.slice(0, token.text.lastIndexOf("_")), secretHash: token.secretHash };
}

/** The parts of a credential that prove it, for an SSH key. */
export function sshProof(key: SshPublicKey): Pick<Credential, "locator" | "proof"> {
  const { type: keyType, fingerprint, authorizedKeysLine: authorizedKey } = key;
  return {
    locator: sshLocator(fingerprint),
    proof: { kind: "ssh_key", keyType, fingerprint, authorizedKey },
  };
}

/** Whether it can still work, its owner's state aside. */
export function stateOf(credential: Credential, now: Date): "active" | "expired" | "revoked" {
  if (credential.revokedAt !== undefined) return "revoked";
  return isOver(credential, now) ? "expired" : "active";
}

/** Expired, or a session that was not used for too long. */
function isOver(credential: Credential, now: Date): boolean {
  if (isExpired(credential, now)) return true;
  return credential.proof.kind === "session" && isIdle(credential.proof.session, now);
}

/** From the very instant of its expiry on. */
export function isExpired({ expiresAt }: Pick<Credential, "expiresAt">, now: Date): boolean {
  return expiresAt !== undefined && expiresAt.getTime() <= now.getTime();
}
