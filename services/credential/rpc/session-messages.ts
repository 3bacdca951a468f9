import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { type Duration, timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { SessionSchema } from "@portcullis/contracts/portcullis/credential/v1/session_pb.ts";
import { type Call, mutationOf } from "@portcullis/service";
import {
  type CredentialId,
  isCredentialId,
  type PrincipalId,
  parsePrincipalId,
  sessionNotFound,
} from "../domain/ids.ts";
import type { Mutation } from "../domain/mutation.ts";
import { idleEndOf, type Session } from "../domain/session.ts";

export function toSession(session: Session, call: Call): MessageInitShape<typeof SessionSchema> {
  const { session: facts } = session.proof;
  return {
    sessionId: session.id,
    accountId: session.accountId,
    ownerId: session.ownerId,
    userId: facts.userId,
    sessionGroupId: facts.groupId,
    userAgent: facts.userAgent,
    sourceIp: facts.sourceIp,
    createTime: timestampFromDate(session.createdAt),
    lastUseTime: timestampFromDate(facts.lastUsedAt),
    idleExpireTime: timestampFromDate(idleEndOf(facts)),
    expireTime: timestampFromDate(session.expiresAt),
    current: call.caller.kind === "principal" && call.caller.credentialId === session.id,
  };
}

/** Who calls a method that is about the caller; the interceptor lets no service in there. */
export function selfOf(call: Call): PrincipalId {
  if (call.caller.kind !== "principal") throw new Error(`${call.method} was called by a service`);
  return parsePrincipalId(call.caller.principalId);
}

/** The session that the call is made with; SESSION_NOT_FOUND for an API key. */
export function currentSessionOf(call: Call): string {
  if (call.caller.kind === "principal" && call.caller.session !== undefined) return call.caller.credentialId;
  throw sessionNotFound();
}

/** What is no id of a credential is no session's: SESSION_NOT_FOUND. */
export function parseSessionId(text: string): CredentialId {
  if (!isCredentialId(text)) throw sessionNotFound();
  return text;
}

/** The proto has checked that it is there and its limits. */
export function toMs(duration: Duration | undefined): number {
  return Number(duration?.seconds ?? 0n) * 1000 + Math.floor((duration?.nanos ?? 0) / 1_000_000);
}

/** For methods that may be repeated as they are, without a request id. */
export function repeatableMutationOf<Desc extends DescMessage>(
  call: Call,
  schema: Desc,
  request: MessageShape<Desc>,
): Mutation {
  return mutationOf(call, schema, { ...request, requestId: "" });
}
