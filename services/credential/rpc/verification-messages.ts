import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { PrincipalKind } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import {
  type Action,
  VerificationResult as Result,
  type Verification,
  VerificationSchema,
  type VerifiedCredentialSchema,
  type VerifySshKeyRequest,
  type VerifyTokenRequest,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { DomainError } from "@portcullis/errors";
import type { Call } from "@portcullis/service";
import { formatAclRule } from "../domain/acl.ts";
import { type AclTarget, parseHost, parseHostTarget, parseLabels, parsePort } from "../domain/acl-target.ts";
import type { Judgement, Question, Verdict } from "../domain/decide.ts";
import type { HeldCredential } from "../domain/held-credential.ts";
import type { Basis, Finding } from "../domain/ports.ts";
import { useDueAt } from "../domain/session.ts";
import type { SshKeyQuestion } from "../domain/verify-ssh-key.ts";
import type { Asker, TokenQuestion } from "../domain/verify-token.ts";
import { accountIdOf, parseKinds, wireOfKind } from "./messages.ts";

/** Services and operators see every account's credentials, others those of the account they are of. */
export function askerOf(call: Pick<Call, "unrestricted" | "accountId">): Asker {
  return call.unrestricted ? everywhere : { visibleTo: accountIdOf(call) };
}

const everywhere: Asker = { visibleTo: undefined };

/** Of what a program calls itself, in characters. */
export const userAgentMax = 256;

export function parseTokenQuestion(request: VerifyTokenRequest): TokenQuestion {
  const { token, acceptedKinds, action, sourceIp, userAgent } = request;
  return {
    text: token,
    acceptedKinds: acceptedKinds.length === 0 ? undefined : new Set(parseKinds(acceptedKinds)),
    action: parseAction(action),
    sourceIp,
    userAgent: userAgent.slice(0, userAgentMax),
  };
}

export function parseSshKeyQuestion(request: VerifySshKeyRequest): SshKeyQuestion {
  const { publicKey, action, sourceIp, userAgent } = request;
  return { publicKey, action: parseAction(action), sourceIp, userAgent: userAgent.slice(0, userAgentMax) };
}

/** What no parser reads is no target: an ACL question with the answer no, not a mistake of the caller. */
function parseAction(action: Action | undefined): Question["action"] {
  if (action === undefined) return undefined;
  try {
    return targetOf(action.bind);
  } catch (error) {
    if (error instanceof DomainError) return "unbindable";
    throw error;
  }
}

function targetOf(bind: Action["bind"]): AclTarget | "unbindable" {
  switch (bind.case) {
    case "host":
      return parseHostTarget(bind.value);
    case "hostPort":
      return { type: "host_port", host: parseHost(bind.value.host), port: parsePort(bind.value.port) };
    case "labels":
      return { type: "labels", labels: parseLabels(Object.entries(bind.value.labels)) };
    case "randomTcpPort":
      return { type: "random_tcp_port" };
    case undefined:
      return "unbindable";
  }
}

const wireOfJudgement = {
  valid: Result.VALID,
  wrong_kind: Result.WRONG_KIND,
  revoked: Result.REVOKED,
  expired: Result.EXPIRED,
  account_suspended: Result.ACCOUNT_SUSPENDED,
  owner_inactive: Result.OWNER_INACTIVE,
  owner_locked: Result.OWNER_LOCKED,
  ip_not_allowed: Result.IP_NOT_ALLOWED,
  acl_denied: Result.ACL_DENIED,
} as const satisfies Record<Judgement, Result>;

/** A credential is told of to who has proven to hold it. `cachedFrom`: with advice for a cache, as of that moment. */
export function toVerification(verdict: Verdict, cachedFrom?: Date): Verification {
  switch (verdict.result) {
    case "malformed":
      return create(VerificationSchema, { result: Result.MALFORMED });
    case "throttled":
      return create(VerificationSchema, {
        result: Result.THROTTLED,
        retryAfterMs: BigInt(verdict.retryAfterMs),
      });
    case "unknown":
      return create(VerificationSchema, { result: Result.UNKNOWN, ...toBasis(verdict.basis) });
    case "valid":
    case "wrong_kind":
    case "revoked":
    case "expired":
    case "account_suspended":
    case "owner_inactive":
    case "owner_locked":
    case "ip_not_allowed":
    case "acl_denied": {
      const cache =
        cachedFrom === undefined ? undefined : toCacheAdvice(verdict.finding, verdict.held, cachedFrom);
      return create(VerificationSchema, {
        result: wireOfJudgement[verdict.result],
        credential: toVerified(verdict.held),
        ...toBasis(verdict.finding.basis),
        ...(cache === undefined ? {} : { cache: { ...cache, scopes: [...cache.scopes] } }),
      });
    }
  }
}

function toBasis({ revision, staleMsMax }: Basis) {
  return { evaluatedRevision: BigInt(revision), stalenessMsMax: BigInt(staleMsMax) };
}

export interface CacheAdvice {
  readonly scopes: readonly string[];
  readonly generation: string;
  readonly ttlMs: number;
  readonly dependsOnSourceIp: boolean;
}

/** For so long an answer may be remembered at most, in milliseconds: who never asks again tells of no last use. */
const ttlMsMax = 300_000;

/**
 * Nothing for an answer that may be behind. A session is to be asked about again when a use is worth to be noted, and
 * all when their time is over, of which nobody is told.
 */
export function toCacheAdvice(
  { basis, scopes }: Finding,
  { session, allowedIpRanges, expiresAtMs }: HeldCredential,
  now: Date,
): CacheAdvice | undefined {
  if (basis.staleMsMax > 0) return undefined;
  const ends = [
    ...(session === undefined ? [] : [useDueAt(session)]),
    ...(expiresAtMs === undefined ? [] : [expiresAtMs]),
  ];
  const leftMs = Math.min(ttlMsMax, ...ends.map((endMs) => endMs - now.getTime()));
  const { generation } = basis;
  const dependsOnSourceIp = allowedIpRanges.length > 0;
  return { scopes, generation, ttlMs: Math.max(1, leftMs), dependsOnSourceIp };
}

const wireOfOwnerKind = { user: PrincipalKind.USER, service_user: PrincipalKind.SERVICE_USER } as const;

function toVerified(held: HeldCredential): MessageInitShape<typeof VerifiedCredentialSchema> {
  const { expiresAtMs, session } = held;
  return {
    credentialId: held.id,
    kind: wireOfKind[held.kind],
    accountId: held.accountId,
    ownerId: held.ownerId,
    ownerKind: wireOfOwnerKind[held.ownerKind],
    ownerVersion: BigInt(held.ownerVersion),
    aclRules: held.aclRules.map(formatAclRule),
    ...(expiresAtMs === undefined ? {} : { expireTime: timestampFromMs(expiresAtMs) }),
    metadata: held.metadata,
    ...(session === undefined
      ? {}
      : { session: { sessionGroupId: session.groupId, userId: session.userId } }),
  };
}
