import type { MethodImpl } from "@connectrpc/connect";
import {
  type InvitationService,
  UpdateInvitationRequestSchema,
} from "@portcullis/contracts/portcullis/identity/v1/invitation_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { updateInvitation as update } from "../domain/change-invitation.ts";
import { parseInvitationId } from "../domain/ids.ts";
import type { IdentityDeps } from "./deps.ts";
import { parseGrants, toInvitation } from "./invitation-messages.ts";
import { accountIdOf } from "./messages.ts";

export function updateInvitation(
  deps: IdentityDeps,
): MethodImpl<typeof InvitationService.method.updateInvitation> {
  return async (request, context) => {
    const call = callOf(context);
    const command = {
      mutation: mutationOf(call, UpdateInvitationRequestSchema, request),
      isUnrestricted: call.unrestricted,
      accountId: accountIdOf(call),
      id: parseInvitationId(request.invitationId),
    };
    const updated = await update(deps, command, parseGrants(request.grants), call.signal);
    return { invitation: toInvitation(updated, deps.clock()) };
  };
}
