import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { PrincipalKind } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import { CredentialKind as WireKind } from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import {
  type ActionSchema,
  VerificationResult as Result,
  type VerifySshKeyRequest,
  VerifySshKeyRequestSchema,
  type VerifyTokenRequest,
  VerifyTokenRequestSchema,
  type VerifiedCredential as WireCredential,
  type Verification as WireVerification,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import type {
  Action,
  CredentialKind,
  KeyQuestion,
  TokenQuestion,
  Verification,
  VerifiedCredential,
} from "./verification.ts";

const wireOfKind = {
  authtoken: WireKind.AUTHTOKEN,
  api_key: WireKind.API_KEY,
  ssh_key: WireKind.SSH_KEY,
  session: WireKind.SESSION,
} as const satisfies Record<CredentialKind, WireKind>;

export function toTokenRequest(
  token: string,
  question: TokenQuestion,
  forCache: boolean,
): VerifyTokenRequest {
  return create(VerifyTokenRequestSchema, {
    token,
    acceptedKinds: question.acceptedKinds?.map((kind) => wireOfKind[kind]) ?? [],
    ...toCircumstances(question),
    forCache,
  });
}

export function toSshKeyRequest(
  publicKey: string,
  question: KeyQuestion,
  forCache: boolean,
): VerifySshKeyRequest {
  return create(VerifySshKeyRequestSchema, { publicKey, ...toCircumstances(question), forCache });
}

/** The service cuts off what is longer; and what is asked together must fit into one message. Characters. */
const userAgentLengthMax = 256;

function toCircumstances({ action, sourceIp, userAgent }: KeyQuestion) {
  return {
    ...(action === undefined ? {} : { action: toAction(action) }),
    ...(sourceIp === undefined ? {} : { sourceIp }),
    ...(userAgent === undefined ? {} : { userAgent: userAgent.slice(0, userAgentLengthMax) }),
  };
}

function toAction(action: Action): MessageInitShape<typeof ActionSchema> {
  if ("labels" in action) return { bind: { case: "labels", value: { labels: { ...action.labels } } } };
  if ("randomTcpPort" in action) return { bind: { case: "randomTcpPort", value: true } };
  if ("port" in action)
    return { bind: { case: "hostPort", value: { host: action.host, port: action.port } } };
  return { bind: { case: "host", value: action.host } };
}

/** What the wire says; never `valid` without saying whose the credential is. */
export function parseVerification(message: WireVerification): Verification {
  const { result } = message;
  const basis = {
    evaluatedRevision: Number(message.evaluatedRevision),
    stalenessMsMax: Number(message.stalenessMsMax),
  };
  const credential = message.credential === undefined ? undefined : parseCredential(message.credential);
  switch (result) {
    case Result.VALID:
      return credential === undefined
        ? { result: "unrecognized", ...basis }
        : { result: "valid", credential, ...basis };
    case Result.WRONG_KIND:
      return { result: "wrong_kind", credential, ...basis };
    case Result.REVOKED:
      return { result: "revoked", credential, ...basis };
    case Result.EXPIRED:
      return { result: "expired", credential, ...basis };
    case Result.OWNER_INACTIVE:
      return { result: "owner_inactive", credential, ...basis };
    case Result.OWNER_LOCKED:
      return { result: "owner_locked", credential, ...basis };
    case Result.IP_NOT_ALLOWED:
      return { result: "ip_not_allowed", credential, ...basis };
    case Result.ACL_DENIED:
      return { result: "acl_denied", credential, ...basis };
    case Result.ACCOUNT_SUSPENDED:
      return { result: "account_suspended", credential, ...basis };
    case Result.MALFORMED:
      return { result: "malformed", ...basis };
    case Result.UNKNOWN:
      return { result: "unknown", ...basis };
    case Result.THROTTLED:
      return { result: "throttled", retryAfterMs: Number(message.retryAfterMs), ...basis };
    case Result.UNSPECIFIED:
    default:
      return { result: "unrecognized", ...basis };
  }
}

function parseCredential(credential: WireCredential): VerifiedCredential {
  const { session, expireTime } = credential;
  return {
    credentialId: credential.credentialId,
    kind: kindOf(credential.kind),
    accountId: credential.accountId,
    ownerId: credential.ownerId,
    ownerKind: ownerKindOf(credential.ownerKind),
    ownerVersion: Number(credential.ownerVersion),
    aclRules: credential.aclRules,
    expireTime: expireTime === undefined ? undefined : timestampDate(expireTime),
    metadata: credential.metadata,
    session:
      session === undefined ? undefined : { sessionGroupId: session.sessionGroupId, userId: session.userId },
  };
}

function kindOf(kind: WireKind): VerifiedCredential["kind"] {
  switch (kind) {
    case WireKind.AUTHTOKEN:
      return "authtoken";
    case WireKind.API_KEY:
      return "api_key";
    case WireKind.SSH_KEY:
      return "ssh_key";
    case WireKind.SESSION:
      return "session";
    case WireKind.UNSPECIFIED:
    default:
      return "unrecognized";
  }
}

function ownerKindOf(kind: PrincipalKind): VerifiedCredential["ownerKind"] {
  if (kind === PrincipalKind.USER) return "user";
  return kind === PrincipalKind.SERVICE_USER ? "service_user" : "unrecognized";
}
