import { DomainError, type ErrorReason } from "@portcullis/errors";
import type { Verification } from "@portcullis/sdk";
import type { PrincipalCaller } from "../caller.ts";

/** Whether an API key or session is good, as credential tells it, in words that are the same in all releases. */
export type Proof =
  | { readonly result: "valid"; readonly credential: ProvenCredential }
  | { readonly result: "throttled"; readonly retryAfterMs: number }
  | { readonly result: Refusal };

interface ProvenCredential {
  readonly accountId: string;
  readonly ownerId: string;
  readonly credentialId: string;
  readonly session?: { readonly sessionGroupId: string; readonly userId: string } | undefined;
}

/** Why it is not. */
export type Refusal = Exclude<Verification["result"], "valid" | "throttled">;

/**
 * The principal of a verified API key or session, or the error that its holder gets. Whether there is such a
 * credential is told only to who holds its secret.
 */
export function principalOf(verification: Proof): PrincipalCaller {
  if (verification.result !== "valid") throw refusal(verification);
  const { accountId, ownerId, credentialId, session } = verification.credential;
  return {
    kind: "principal",
    accountId,
    principalId: ownerId,
    credentialId,
    ...(session === undefined
      ? {}
      : { session: { groupId: session.sessionGroupId, userId: session.userId } }),
  };
}

const refusals: Partial<Record<Refusal, readonly [ErrorReason, string]>> = {
  wrong_kind: [
    "CREDENTIALS_WRONG_KIND",
    "That is neither an API key (pcak_…) nor a session. Calls need one.",
  ],
  revoked: ["CREDENTIALS_REVOKED", "The credential was revoked."],
  expired: ["CREDENTIALS_EXPIRED", "The credential has expired. Sign in again, or use another API key."],
  account_suspended: [
    "CREDENTIALS_ACCOUNT_SUSPENDED",
    "The account of the credential is suspended. Ask an operator of the installation.",
  ],
  owner_inactive: ["CREDENTIALS_OWNER_INACTIVE", "The owner of the credential is not active."],
  owner_locked: ["CREDENTIALS_OWNER_INACTIVE", "The owner of the credential is not active."],
  ip_not_allowed: ["CREDENTIALS_IP_NOT_ALLOWED", "The credential may not be used from this address."],
};

function refusal(verification: Exclude<Proof, { readonly result: "valid" }>): DomainError {
  if (verification.result === "throttled") {
    return new DomainError(
      "TOO_MANY_ATTEMPTS",
      "Too many failed attempts with this credential. Try again later.",
      { metadata: { retry_after_ms: String(verification.retryAfterMs) } },
    );
  }
  const [reason, message] = refusals[verification.result] ?? [
    "CREDENTIALS_INVALID",
    "The API key or session is not valid.",
  ];
  return new DomainError(reason, message);
}
