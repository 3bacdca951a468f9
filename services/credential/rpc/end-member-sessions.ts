import type { MethodImpl } from "@connectrpc/connect";
import {
  EndMemberSessionsRequestSchema,
  type SessionService,
} from "@portcullis/contracts/portcullis/credential/v1/session_pb.ts";
import { callOf } from "@portcullis/service";
import { endSessions } from "../domain/end-sessions.ts";
import type { CredentialDeps } from "./deps.ts";
import { accountIdOf } from "./messages.ts";
import { enforcementOf } from "./receipts.ts";
import { repeatableMutationOf } from "./session-messages.ts";

export function endMemberSessions(
  deps: CredentialDeps,
): MethodImpl<typeof SessionService.method.endMemberSessions> {
  return async (request, context) => {
    const call = callOf(context);
    const mutation = repeatableMutationOf(call, EndMemberSessionsRequestSchema, request);
    const selection = { of: "members", accountId: accountIdOf(call), userIds: request.userIds } as const;
    const { value, effect } = await endSessions(deps, mutation, selection, call.signal);
    return {
      endedCount: BigInt(value),
      ...(effect === undefined ? {} : { enforcement: enforcementOf(effect) }),
    };
  };
}
