import type { MethodImpl } from "@connectrpc/connect";
import {
  EnableMembershipRequestSchema,
  type MembershipService,
} from "@portcullis/contracts/portcullis/identity/v1/membership_pb.ts";
import { callOf } from "@portcullis/service";
import { enableMember } from "../domain/change-member.ts";
import type { IdentityDeps } from "./deps.ts";
import { parseMemberCommand, toMembership } from "./member-messages.ts";

export function enableMembership(
  deps: IdentityDeps,
): MethodImpl<typeof MembershipService.method.enableMembership> {
  return async (request, context) => {
    const call = callOf(context);
    const command = parseMemberCommand(call, EnableMembershipRequestSchema, request);
    return { membership: toMembership(await enableMember(deps, command, call.signal)) };
  };
}
