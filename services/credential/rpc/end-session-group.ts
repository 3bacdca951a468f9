import type { MethodImpl } from "@connectrpc/connect";
import {
  EndSessionGroupRequestSchema,
  type SessionService,
} from "@portcullis/contracts/portcullis/credential/v1/session_pb.ts";
import { callOf } from "@portcullis/service";
import { endSessions } from "../domain/end-sessions.ts";
import type { CredentialDeps } from "./deps.ts";
import { enforcementOf } from "./receipts.ts";
import { repeatableMutationOf } from "./session-messages.ts";

export function endSessionGroup(
  deps: CredentialDeps,
): MethodImpl<typeof SessionService.method.endSessionGroup> {
  return async (request, context) => {
    const call = callOf(context);
    const mutation = repeatableMutationOf(call, EndSessionGroupRequestSchema, request);
    const selection = { of: "group", groupId: request.sessionGroupId } as const;
    const { value, effect } = await endSessions(deps, mutation, selection, call.signal);
    return {
      endedCount: BigInt(value),
      ...(effect === undefined ? {} : { enforcement: enforcementOf(effect) }),
    };
  };
}
