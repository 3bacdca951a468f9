import type { Account } from "./account.ts";
import type { AclRule } from "./acl.ts";
import type { Credential, CredentialKind, Locator } from "./credential.ts";
import type { AccountId, CredentialId, PrincipalId } from "./ids.ts";
import type { IpRange } from "./ip-range.ts";
import type { Principal } from "./principal.ts";
import { isIdle, type SessionLife } from "./session.ts";
import type { SecretHash } from "./token.ts";

/**
 * What a verification has to know: a credential, and the account and owner that it works for. A replica remembers
 * a million of these, so it is flat, without what is only shown, and without what most credentials have not.
 */
export interface HeldCredential {
  readonly accountId: AccountId;
  readonly id: CredentialId;
  readonly ownerId: PrincipalId;
  readonly locator: Locator;
  readonly kind: CredentialKind;
  /** Undefined for an SSH key. */
  readonly secretHash: SecretHash | undefined;
  readonly metadata: string;
  /** Empty restricts nothing. */
  readonly aclRules: readonly AclRule[];
  /** Empty restricts nothing. */
  readonly allowedIpRanges: readonly IpRange[];
  /** Milliseconds since 1970; undefined for never. */
  readonly expiresAtMs: number | undefined;
  readonly isRevoked: boolean;
  /** Of a session. */
  readonly session: HeldSession | undefined;
  /**
   * An account that identity has never told of is active: every account begins so, each owner is told of one by
   * one, and to refuse would shut out the accounts that were there before identity told of any.
   */
  readonly accountState: Account["state"];
  readonly ownerKind: Principal["kind"];
  /** An owner that identity has never told of is inactive, as of version 0: nothing is known to speak for it. */
  readonly ownerState: Principal["state"];
  readonly ownerVersion: number;
}

export interface HeldSession extends SessionLife {
  readonly groupId: string;
  readonly userId: string;
}

/** What is held of a credential while its account and owner are so. */
export function hold(
  credential: Credential,
  accountState: HeldCredential["accountState"],
  owner: Pick<Principal, "kind" | "state" | "version">,
): HeldCredential {
  const { proof, aclRules, allowedIpRanges } = credential;
  return {
    accountId: credential.accountId,
    id: credential.id,
    ownerId: credential.ownerId,
    locator: credential.locator,
    kind: proof.kind,
    secretHash: proof.kind === "ssh_key" ? undefined : proof.secretHash,
    metadata: credential.metadata,
    aclRules,
    allowedIpRanges,
    expiresAtMs: credential.expiresAt?.getTime(),
    isRevoked: credential.revokedAt !== undefined,
    session: proof.kind === "session" ? holdSession(proof.session) : undefined,
    accountState,
    ownerKind: owner.kind,
    ownerState: owner.state,
    ownerVersion: owner.version,
  };
}

function holdSession({ groupId, userId, idleMs, lastUsedAt }: HeldSession): HeldSession {
  return { groupId, userId, idleMs, lastUsedAt };
}

/** From the very instant of its end on. */
export function isHeldOver({ expiresAtMs, session }: HeldCredential, now: Date): boolean {
  if (expiresAtMs !== undefined && expiresAtMs <= now.getTime()) return true;
  return session !== undefined && isIdle(session, now);
}
