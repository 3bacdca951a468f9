import type { MethodImpl } from "@connectrpc/connect";
import {
  EndAllSessionsRequestSchema,
  type SessionService,
} from "@portcullis/contracts/portcullis/credential/v1/session_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { endSessions } from "../domain/end-sessions.ts";
import { parsePrincipalId } from "../domain/ids.ts";
import type { CredentialDeps } from "./deps.ts";
import { accountIdOf } from "./messages.ts";
import { receiptFor } from "./receipts.ts";

export function endAllSessions(
  deps: CredentialDeps,
): MethodImpl<typeof SessionService.method.endAllSessions> {
  return async (request, context) => {
    const call = callOf(context);
    const mutation = mutationOf(call, EndAllSessionsRequestSchema, request);
    const selection = {
      of: "principal",
      accountId: accountIdOf(call),
      ownerId: parsePrincipalId(request.ownerId),
    } as const;
    const { value, effect } = await endSessions(deps, mutation, selection, call.signal);
    const { accountId, ownerId: targetId } = selection;
    return {
      endedCount: BigInt(value),
      ...(await receiptFor(deps, { accountId, operation: "session.end", targetId }, effect)),
    };
  };
}
