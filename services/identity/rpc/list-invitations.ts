import type { MethodImpl } from "@connectrpc/connect";
import type { InvitationService } from "@portcullis/contracts/portcullis/identity/v1/invitation_pb.ts";
import { callOf } from "@portcullis/service";
import type { IdentityDeps } from "./deps.ts";
import { toInvitation } from "./invitation-messages.ts";
import { accountIdOf, parsePage } from "./messages.ts";

export function listInvitations({
  invitations,
  clock,
}: IdentityDeps): MethodImpl<typeof InvitationService.method.listInvitations> {
  return async (request, context) => {
    const call = callOf(context);
    const accountId = accountIdOf(call);
    const { email = "", emailContains = "" } = request.filter ?? {};
    const filter = { email, emailContains };
    const page = await invitations.listPending(accountId, filter, parsePage(request), call.signal);
    const total = request.withTotalSize ? await invitations.countPending(accountId, filter, call.signal) : 0;
    const now = clock();
    return {
      invitations: page.items.map((invitation) => toInvitation(invitation, now)),
      nextPageToken: page.nextToken,
      totalSize: BigInt(total),
    };
  };
}
