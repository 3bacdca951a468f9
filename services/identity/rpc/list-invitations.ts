import type { MethodImpl } from "@connectrpc/connect";
import type { InvitationService } from "@portcullis/contracts/portcullis/identity/v1/invitation_pb.ts";
import { callOf } from "@portcullis/service";
import type { IdentityDeps } from "./deps.ts";
import { toInvitation } from "./invitation-messages.ts";
import { accountIdOf, parsePage } from "./messages.ts";

export function listInvitations(
  deps: IdentityDeps,
): MethodImpl<typeof InvitationService.method.listInvitations> {
  return async (request, context) => {
    const call = callOf(context);
    const page = await deps.invitations.listPending(accountIdOf(call), parsePage(request), call.signal);
    const now = deps.clock();
    return {
      invitations: page.items.map((invitation) => toInvitation(invitation, now)),
      nextPageToken: page.nextToken,
    };
  };
}
