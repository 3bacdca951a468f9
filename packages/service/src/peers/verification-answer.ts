import {
  VerificationResult as Result,
  type Verification,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { DomainError, type ErrorReason } from "@portcullis/errors";
import type { PrincipalCaller } from "../caller.ts";

/**
 * The principal of a verified API key or session, or the error that its holder gets. Whether there is such a
 * credential is told only to who holds its secret.
 */
export function principalOf(verification: Verification | undefined): PrincipalCaller {
  const { result, credential, retryAfterMs } = verification ?? {
    result: Result.UNSPECIFIED,
    retryAfterMs: 0n,
  };
  if (result === Result.VALID && credential !== undefined) {
    const { session } = credential;
    return {
      kind: "principal",
      accountId: credential.accountId,
      principalId: credential.ownerId,
      credentialId: credential.credentialId,
      ...(session === undefined
        ? {}
        : { session: { groupId: session.sessionGroupId, userId: session.userId } }),
    };
  }
  throw refusal(result, Number(retryAfterMs));
}

const refusals: Partial<Record<Result, readonly [ErrorReason, string]>> = {
  [Result.WRONG_KIND]: [
    "CREDENTIALS_WRONG_KIND",
    "That is neither an API key (pcak_…) nor a session. Calls need one.",
  ],
  [Result.REVOKED]: ["CREDENTIALS_REVOKED", "The credential was revoked."],
  [Result.EXPIRED]: [
    "CREDENTIALS_EXPIRED",
    "The credential has expired. Sign in again, or use another API key.",
  ],
  [Result.ACCOUNT_SUSPENDED]: [
    "CREDENTIALS_ACCOUNT_SUSPENDED",
    "The account of the credential is suspended. Ask an operator of the installation.",
  ],
  [Result.OWNER_INACTIVE]: ["CREDENTIALS_OWNER_INACTIVE", "The owner of the credential is not active."],
  [Result.OWNER_LOCKED]: ["CREDENTIALS_OWNER_INACTIVE", "The owner of the credential is not active."],
  [Result.IP_NOT_ALLOWED]: [
    "CREDENTIALS_IP_NOT_ALLOWED",
    "The credential may not be used from this address.",
  ],
};

function refusal(result: Result, retryAfterMs: number): DomainError {
  if (result === Result.THROTTLED) {
    return new DomainError(
      "TOO_MANY_ATTEMPTS",
      "Too many failed attempts with this credential. Try again later.",
      {
        metadata: { retry_after_ms: String(retryAfterMs) },
      },
    );
  }
  const [reason, message] = refusals[result] ?? [
    "CREDENTIALS_INVALID",
    "The API key or session is not valid.",
  ];
  return new DomainError(reason, message);
}
