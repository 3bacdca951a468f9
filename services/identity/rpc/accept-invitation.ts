import type { MethodImpl } from "@connectrpc/connect";
import {
  AcceptInvitationRequestSchema,
  type InvitationService,
} from "@portcullis/contracts/portcullis/identity/v1/invitation_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { acceptInvitation as accept } from "../domain/accept-invitation.ts";
import type { IdentityDeps } from "./deps.ts";
import { selfOf } from "./people-calls.ts";

export function acceptInvitation(
  deps: IdentityDeps,
): MethodImpl<typeof InvitationService.method.acceptInvitation> {
  return async (request, context) => {
    const call = callOf(context);
    const { token } = request;
    const mutation = mutationOf(call, AcceptInvitationRequestSchema, request);
    const { accountId, id } = await accept(deps, { mutation, self: selfOf(call), token }, call.signal);
    return { accountId, principalId: id };
  };
}
