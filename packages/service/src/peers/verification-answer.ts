import {
  VerificationResult as Result,
  type Verification,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { DomainError, type ErrorReason } from "@portcullis/errors";
import type { PrincipalCaller } from "../caller.ts";

/**
 * The principal of a verified API key, or the error that its holder gets. Whether a key exists is told only to
 * who holds its secret.
 */
export function principalOf(verification: Verification | undefined): PrincipalCaller {
  const { result, credential, retryAfterMs } = verification ?? {
    result: Result.UNSPECIFIED,
    retryAfterMs: 0n,
  };
  if (result === Result.VALID && credential !== undefined) {
    return {
      kind: "principal",
      accountId: credential.accountId,
      principalId: credential.ownerId,
      credentialId: credential.credentialId,
    };
  }
  throw refusal(result, Number(retryAfterMs));
}

const refusals: Partial<Record<Result, readonly [ErrorReason, string]>> = {
  [Result.WRONG_KIND]: ["CREDENTIALS_WRONG_KIND", "That is not an API key. Calls need one (pcak_…)."],
  [Result.REVOKED]: ["CREDENTIALS_REVOKED", "The API key was revoked."],
  [Result.EXPIRED]: ["CREDENTIALS_EXPIRED", "The API key has expired."],
  [Result.OWNER_INACTIVE]: ["CREDENTIALS_OWNER_INACTIVE", "The owner of the API key is not active."],
  [Result.OWNER_LOCKED]: ["CREDENTIALS_OWNER_INACTIVE", "The owner of the API key is not active."],
  [Result.IP_NOT_ALLOWED]: ["CREDENTIALS_IP_NOT_ALLOWED", "The API key may not be used from this address."],
};

function refusal(result: Result, retryAfterMs: number): DomainError {
  if (result === Result.THROTTLED) {
    return new DomainError("TOO_MANY_ATTEMPTS", "Too many failed attempts with this key. Try again later.", {
      metadata: { retry_after_ms: String(retryAfterMs) },
    });
  }
  const [reason, message] = refusals[result] ?? ["CREDENTIALS_INVALID", "The API key is not valid."];
  return new DomainError(reason, message);
}
