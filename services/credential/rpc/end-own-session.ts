import type { MethodImpl } from "@connectrpc/connect";
import {
  EndOwnSessionRequestSchema,
  type SessionService,
} from "@portcullis/contracts/portcullis/credential/v1/session_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { endSessions } from "../domain/end-sessions.ts";
import type { CredentialDeps } from "./deps.ts";
import { accountIdOf } from "./messages.ts";
import { receiptFor } from "./receipts.ts";
import { currentSessionOf, parseSessionId, selfOf } from "./session-messages.ts";

export function endOwnSession(deps: CredentialDeps): MethodImpl<typeof SessionService.method.endOwnSession> {
  return async (request, context) => {
    const call = callOf(context);
    const mutation = mutationOf(call, EndOwnSessionRequestSchema, request);
    const selection = {
      of: "own",
      accountId: accountIdOf(call),
      id: parseSessionId(request.sessionId === "" ? currentSessionOf(call) : request.sessionId),
      ownerId: selfOf(call),
    } as const;
    const { effect } = await endSessions(deps, mutation, selection, call.signal);
    const { accountId, id: targetId } = selection;
    return receiptFor(deps, { accountId, operation: "session.end", targetId }, effect);
  };
}
