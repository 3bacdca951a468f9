import type { MethodImpl } from "@connectrpc/connect";
import type { SessionService } from "@portcullis/contracts/portcullis/credential/v1/session_pb.ts";
import { callOf } from "@portcullis/service";
import type { CredentialDeps } from "./deps.ts";
import { accountIdOf, parsePage } from "./messages.ts";
import { selfOf, toSession } from "./session-messages.ts";

export function listOwnSessions(
  deps: CredentialDeps,
): MethodImpl<typeof SessionService.method.listOwnSessions> {
  return async (request, context) => {
    const call = callOf(context);
    const ownerId = selfOf(call);
    const page = await deps.sessions.list(
      accountIdOf(call),
      ownerId,
      deps.clock(),
      parsePage(request),
      call.signal,
    );
    return {
      sessions: page.items.map((session) => toSession(session, call)),
      nextPageToken: page.nextToken,
    };
  };
}
