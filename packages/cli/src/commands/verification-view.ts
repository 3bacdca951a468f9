import { PrincipalKindSchema } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import { CredentialKindSchema } from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import {
  type Verification,
  VerificationResult,
  VerificationResultSchema,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import type { Field, View } from "../output/view.ts";
import { instant, word } from "../output/words.ts";

/** Whatever is not plainly VALID is a refusal, results that this version does not know included. */
export function isRefusal(verification: Verification | undefined): boolean {
  return verification?.result !== VerificationResult.VALID;
}

/** The answer of a verification. */
export function verificationView({
  verification,
}: {
  readonly verification?: Verification | undefined;
}): View {
  const result = verification?.result ?? VerificationResult.UNSPECIFIED;
  return {
    kind: "fields",
    fields: [
      ["Result", word(VerificationResultSchema, result)],
      ["Meaning", meaningOf(result, verification?.retryAfterMs ?? 0n)],
      ...credentialFields(verification),
    ],
  };
}

function credentialFields(verification: Verification | undefined): readonly Field[] {
  const credential = verification?.credential;
  if (credential === undefined) return [];
  return [
    ["Credential", credential.credentialId],
    ["Kind", word(CredentialKindSchema, credential.kind)],
    ["Account", credential.accountId],
    ["Owner", credential.ownerId],
    ["Owner kind", word(PrincipalKindSchema, credential.ownerKind)],
    ["ACL", credential.aclRules.length === 0 ? "everything" : credential.aclRules.join(", ")],
    ["Expires", credential.expireTime === undefined ? "never" : instant(credential.expireTime)],
    ["Metadata", credential.metadata],
  ];
}

function meaningOf(result: VerificationResult, retryAfterMs: bigint): string {
  switch (result) {
    case VerificationResult.VALID:
      return "good for what was asked";
    case VerificationResult.MALFORMED:
      return "not the text of a credential at all";
    case VerificationResult.UNKNOWN:
      return "no such credential, or a wrong secret";
    case VerificationResult.WRONG_KIND:
      return "genuine, but of none of the kinds to accept";
    case VerificationResult.REVOKED:
      return "revoked";
    case VerificationResult.EXPIRED:
      return "past its expiry";
    case VerificationResult.ACCOUNT_SUSPENDED:
      return "its account was suspended by an operator";
    case VerificationResult.OWNER_INACTIVE:
      return "its owner is inactive";
    case VerificationResult.OWNER_LOCKED:
      return "its owner was locked by an operator";
    case VerificationResult.IP_NOT_ALLOWED:
      return "not allowed from this address";
    case VerificationResult.ACL_DENIED:
      return "its ACL does not cover this use";
    case VerificationResult.THROTTLED:
      return `too many wrong secrets from this address; try again in ${retryAfterMs} ms`;
    case VerificationResult.UNSPECIFIED:
    default:
      return "refused for a reason that this version does not know";
  }
}
