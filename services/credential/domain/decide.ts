import { aclAllows } from "./acl.ts";
import type { AclTarget } from "./acl-target.ts";
import type { CredentialKind } from "./credential.ts";
import { type HeldCredential, isHeldOver } from "./held-credential.ts";
import type { AccountId } from "./ids.ts";
import { type IpAddress, ipAllowed } from "./ip-range.ts";
import type { Basis, Finding } from "./ports.ts";
import { decoyHash, type PresentedToken, secretMatches } from "./token.ts";

/** What is asked of a credential. */
export interface Question {
  /** Undefined for an SSH key: that its holder has the private half is for the SSH handshake to prove. */
  readonly presented: PresentedToken | undefined;
  /** The only account whose credentials the caller can see; undefined if it sees all. */
  readonly visibleTo: AccountId | undefined;
  /** Undefined for any. */
  readonly acceptedKinds: ReadonlySet<CredentialKind> | undefined;
  /** Undefined for nothing that an ACL speaks of; `unbindable` for what is no target at all. */
  readonly action: AclTarget | "unbindable" | undefined;
  /** Where the credential came from; undefined if unknown. */
  readonly address: IpAddress | undefined;
}

/** What was found out of a credential that the holder has proven to have. */
export type Judgement =
  | "valid"
  | "wrong_kind"
  | "revoked"
  | "expired"
  | "account_suspended"
  | "owner_inactive"
  | "owner_locked"
  | "ip_not_allowed"
  | "acl_denied";

export type Verdict =
  | { readonly result: "malformed" }
  | { readonly result: "throttled"; readonly retryAfterMs: number }
  | { readonly result: "unknown"; readonly basis: Basis }
  | { readonly result: Judgement; readonly finding: Finding; readonly held: HeldCredential };

/**
 * Whether a credential is good for what is asked, at this moment; else the first objection in the order of the
 * proto's VerificationResult. Form and throttling come before, where the credential is looked up. Absent,
 * deleted, of another account, and with a wrong secret: one answer at one cost.
 */
export function decide(finding: Finding, question: Question, now: Date): Verdict {
  const { held } = finding;
  const isProven = proves(question.presented, held);
  if (held === undefined || !isProven || !isVisible(held, question))
    return { result: "unknown", basis: finding.basis };
  return { result: judge(held, question, now), finding, held };
}

function judge(held: HeldCredential, question: Question, now: Date): Judgement {
  const { acceptedKinds, action } = question;
  const { accountState, ownerState, allowedIpRanges } = held;
  if (acceptedKinds !== undefined && !acceptedKinds.has(held.kind)) return "wrong_kind";
  if (held.isRevoked) return "revoked";
  if (isHeldOver(held, now)) return "expired";
  if (accountState !== "active") return "account_suspended";
  if (ownerState === "locked") return "owner_locked";
  if (ownerState !== "active") return "owner_inactive";
  // Where it came from is read only if something depends on it.
  if (allowedIpRanges.length > 0 && !ipAllowed(allowedIpRanges, question.address)) return "ip_not_allowed";
  if (action === undefined) return "valid";
  return action !== "unbindable" && aclAllows(held.aclRules, action) ? "valid" : "acl_denied";
}

/** Compares a hash whether or not anything was found. */
function proves(presented: PresentedToken | undefined, held: HeldCredential | undefined): boolean {
  if (presented === undefined) return held?.kind === "ssh_key";
  return secretMatches(presented, held?.secretHash ?? decoyHash);
}

/** The credentials of a deleted owner or account are deleted with it; one that is still there is treated so. */
function isVisible(held: HeldCredential, { visibleTo }: Question): boolean {
  if (held.accountState === "deleted" || held.ownerState === "deleted") return false;
  return visibleTo === undefined || visibleTo === held.accountId;
}
