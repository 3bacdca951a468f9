import type { MethodImpl } from "@connectrpc/connect";
import {
  CreateInvitationsRequestSchema,
  type InvitationService,
} from "@portcullis/contracts/portcullis/identity/v1/invitation_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { createInvitations as create } from "../domain/create-invitations.ts";
import type { IdentityDeps } from "./deps.ts";
import { parseGrants, wireOfResult } from "./invitation-messages.ts";
import { accountIdOf } from "./messages.ts";

export function createInvitations(
  deps: IdentityDeps,
): MethodImpl<typeof InvitationService.method.createInvitations> {
  return async (request, context) => {
    const call = callOf(context);
    const { emails } = request;
    const command = {
      mutation: mutationOf(call, CreateInvitationsRequestSchema, request),
      isUnrestricted: call.unrestricted,
      accountId: accountIdOf(call),
      emails,
      grants: parseGrants(request.grants),
    };
    const outcomes = await create(deps, command, call.signal);
    return {
      outcomes: outcomes.map((outcome, index) => ({
        email: emails[index] ?? "",
        result: wireOfResult[outcome.result],
        invitationId: outcome.result === "created" ? outcome.invitationId : "",
      })),
    };
  };
}
