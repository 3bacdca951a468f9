import type { MethodImpl } from "@connectrpc/connect";
import {
  type InvitationService,
  ResendInvitationRequestSchema,
} from "@portcullis/contracts/portcullis/identity/v1/invitation_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { resendInvitation as resend } from "../domain/change-invitation.ts";
import { parseInvitationId } from "../domain/ids.ts";
import type { IdentityDeps } from "./deps.ts";
import { toInvitation } from "./invitation-messages.ts";
import { accountIdOf } from "./messages.ts";

export function resendInvitation(
  deps: IdentityDeps,
): MethodImpl<typeof InvitationService.method.resendInvitation> {
  return async (request, context) => {
    const call = callOf(context);
    const command = {
      mutation: mutationOf(call, ResendInvitationRequestSchema, request),
      isUnrestricted: call.unrestricted,
      accountId: accountIdOf(call),
      id: parseInvitationId(request.invitationId),
    };
    return { invitation: toInvitation(await resend(deps, command, call.signal), deps.clock()) };
  };
}
