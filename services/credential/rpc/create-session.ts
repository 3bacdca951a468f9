import type { MethodImpl } from "@connectrpc/connect";
import {
  CreateSessionRequestSchema,
  type SessionService,
} from "@portcullis/contracts/portcullis/credential/v1/session_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { createSession as create } from "../domain/create-session.ts";
import { parsePrincipalId } from "../domain/ids.ts";
import type { CredentialDeps } from "./deps.ts";
import { parseText } from "./fields.ts";
import { accountIdOf } from "./messages.ts";
import { toMs, toSession } from "./session-messages.ts";

const userAgentBytesMax = 255;

/** The answer carries the secret; nothing else ever does. */
export function createSession(deps: CredentialDeps): MethodImpl<typeof SessionService.method.createSession> {
  return async (request, context) => {
    const call = callOf(context);
    const command = {
      mutation: mutationOf(call, CreateSessionRequestSchema, request),
      accountId: accountIdOf(call),
      ownerId: parsePrincipalId(request.ownerId),
      facts: {
        groupId: request.sessionGroupId,
        userId: request.userId,
        secretsVersion: Number(request.secretsVersion),
        idleMs: toMs(request.idleLifetime),
        userAgent: shorten(parseText("user_agent", request.userAgent)),
        sourceIp: request.sourceIp,
      },
      lifetimeMs: toMs(request.lifetime),
    };
    const { session, token = "" } = await create(deps, command, call.signal);
    return { session: toSession(session, call), token };
  };
}

/** A character cut in two at the end is left out. */
function shorten(text: string): string {
  const bytes = new TextEncoder().encode(text).subarray(0, userAgentBytesMax);
  return new TextDecoder().decode(bytes, { stream: true });
}
