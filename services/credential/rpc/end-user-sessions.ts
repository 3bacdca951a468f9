import type { MethodImpl } from "@connectrpc/connect";
import {
  EndUserSessionsRequestSchema,
  type SessionService,
} from "@portcullis/contracts/portcullis/credential/v1/session_pb.ts";
import { callOf } from "@portcullis/service";
import { endSessions } from "../domain/end-sessions.ts";
import type { CredentialDeps } from "./deps.ts";
import { enforcementOf } from "./receipts.ts";
import { repeatableMutationOf } from "./session-messages.ts";

export function endUserSessions(
  deps: CredentialDeps,
): MethodImpl<typeof SessionService.method.endUserSessions> {
  return async (request, context) => {
    const call = callOf(context);
    const mutation = repeatableMutationOf(call, EndUserSessionsRequestSchema, request);
    const selection = {
      of: "user",
      userId: request.userId,
      belowSecretsVersion:
        request.belowSecretsVersion === 0n ? undefined : Number(request.belowSecretsVersion),
      exceptGroupId: request.exceptSessionGroupId,
    } as const;
    const { value, effect } = await endSessions(deps, mutation, selection, call.signal);
    return {
      endedCount: BigInt(value),
      ...(effect === undefined ? {} : { enforcement: enforcementOf(effect) }),
    };
  };
}
