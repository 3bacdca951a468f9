import type { MethodImpl } from "@connectrpc/connect";
import {
  EndSessionRequestSchema,
  type SessionService,
} from "@portcullis/contracts/portcullis/credential/v1/session_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { endSessions } from "../domain/end-sessions.ts";
import type { CredentialDeps } from "./deps.ts";
import { accountIdOf } from "./messages.ts";
import { receiptFor } from "./receipts.ts";
import { parseSessionId } from "./session-messages.ts";

export function endSession(deps: CredentialDeps): MethodImpl<typeof SessionService.method.endSession> {
  return async (request, context) => {
    const call = callOf(context);
    const mutation = mutationOf(call, EndSessionRequestSchema, request);
    const selection = {
      of: "one",
      accountId: accountIdOf(call),
      id: parseSessionId(request.sessionId),
    } as const;
    const { effect } = await endSessions(deps, mutation, selection, call.signal);
    const { accountId, id: targetId } = selection;
    return receiptFor(deps, { accountId, operation: "session.end", targetId }, effect);
  };
}
