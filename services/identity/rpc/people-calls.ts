import { hash } from "node:crypto";
import { type DescMessage, type MessageInitShape, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { UserSchema } from "@portcullis/contracts/portcullis/identity/v1/user_pb.ts";
import { type Call, type Mutation as CallMutation, mutationOf, type OpenCall } from "@portcullis/service";
import { etagOf } from "../domain/etag.ts";
import type { OwnProfile } from "../domain/get-user.ts";
import type { Mutation } from "../domain/mutation.ts";
import type { Origin, SignedIn } from "../domain/open-session.ts";
import { type Self, sessionOf } from "../domain/self.ts";
import { confirmedTotpOf } from "../domain/user.ts";
import { accountIdOf } from "./messages.ts";

/** Who calls a method that is about the caller; the interceptor lets no service in there. */
export function selfOf(call: Call): Self {
  const { caller } = call;
  if (caller.kind !== "principal") throw new Error(`${call.method} was called by a service`);
  const { principalId, credentialId, session } = caller;
  return { accountId: accountIdOf(call), principalId, credentialId, session: sessionOf(session) };
}

/**
 * A change that somebody without a credential asks for. `about` is who or what it is about. The request must have
 * its passwords and codes taken out: its digest is kept, and could be used to guess them.
 */
export function openMutationOf<Desc extends DescMessage>(
  call: OpenCall,
  schema: Desc,
  request: MessageShape<Desc> & { readonly requestId: string },
  about: string,
): Mutation {
  return {
    actor: { kind: "anyone", subject: hash("sha256", about), sourceIp: call.peerAddress ?? "" },
    accountId: "",
    method: call.method,
    requestId: request.requestId === "" ? undefined : request.requestId,
    requestDigest: hash("sha256", toBinary(schema, request), "buffer"),
  };
}

/** A change that has no request id, because a repeat can't be answered: it has a secret in its answer. */
export function singleMutationOf<Desc extends DescMessage>(
  call: Call,
  schema: Desc,
  request: MessageShape<Desc>,
): CallMutation {
  return mutationOf(call, schema, { ...request, requestId: "" });
}

export function originOf(call: Pick<OpenCall, "userAgent" | "peerAddress">): Origin {
  return { userAgent: call.userAgent, sourceIp: call.peerAddress ?? "" };
}

export function toUser({ user, recoveryCodesLeft }: OwnProfile): MessageInitShape<typeof UserSchema> {
  return {
    userId: user.id,
    email: user.email,
    displayName: user.displayName,
    emailVerified: user.emailVerifiedAt !== undefined,
    totpEnabled: confirmedTotpOf(user) !== undefined,
    recoveryCodesLeft,
    createTime: timestampFromDate(user.createdAt),
    updateTime: timestampFromDate(user.updatedAt),
    etag: etagOf(user),
  };
}

export function toSignedIn({ token, expiresAt, member }: SignedIn) {
  return {
    token,
    expireTime: timestampFromDate(expiresAt),
    accountId: member.accountId,
    principalId: member.id,
    userId: member.userId,
  };
}
