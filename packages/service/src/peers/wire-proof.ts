import {
  VerificationResult as Result,
  type Verification,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import type { Proof, Refusal } from "./verification-answer.ts";

const refusals: Partial<Record<Result, Refusal>> = {
  [Result.WRONG_KIND]: "wrong_kind",
  [Result.REVOKED]: "revoked",
  [Result.EXPIRED]: "expired",
  [Result.OWNER_INACTIVE]: "owner_inactive",
  [Result.OWNER_LOCKED]: "owner_locked",
  [Result.IP_NOT_ALLOWED]: "ip_not_allowed",
  [Result.ACL_DENIED]: "acl_denied",
  [Result.ACCOUNT_SUSPENDED]: "account_suspended",
  [Result.MALFORMED]: "malformed",
  [Result.UNKNOWN]: "unknown",
};

/** What credential's answer proves. */
export function proofOf(verification: Verification | undefined): Proof {
  if (verification === undefined) return { result: "unrecognized" };
  const { result, credential, retryAfterMs } = verification;
  if (result === Result.THROTTLED) return { result: "throttled", retryAfterMs: Number(retryAfterMs) };
  // A reason to refuse may be of a newer release.
  if (result !== Result.VALID) return { result: refusals[result] ?? "unrecognized" };
  return credential === undefined ? { result: "unrecognized" } : { result: "valid", credential };
}
