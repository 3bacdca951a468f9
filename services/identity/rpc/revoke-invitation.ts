import type { MethodImpl } from "@connectrpc/connect";
import {
  type InvitationService,
  RevokeInvitationRequestSchema,
} from "@portcullis/contracts/portcullis/identity/v1/invitation_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { revokeInvitation as revoke } from "../domain/change-invitation.ts";
import { parseInvitationId } from "../domain/ids.ts";
import type { IdentityDeps } from "./deps.ts";
import { toInvitation } from "./invitation-messages.ts";
import { accountIdOf } from "./messages.ts";

export function revokeInvitation(
  deps: IdentityDeps,
): MethodImpl<typeof InvitationService.method.revokeInvitation> {
  return async (request, context) => {
    const call = callOf(context);
    const command = {
      mutation: mutationOf(call, RevokeInvitationRequestSchema, request),
      isUnrestricted: call.unrestricted,
      accountId: accountIdOf(call),
      id: parseInvitationId(request.invitationId),
    };
    return { invitation: toInvitation(await revoke(deps, command, call.signal), deps.clock()) };
  };
}
