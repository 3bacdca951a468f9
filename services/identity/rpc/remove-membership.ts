import type { MethodImpl } from "@connectrpc/connect";
import {
  type MembershipService,
  RemoveMembershipRequestSchema,
} from "@portcullis/contracts/portcullis/identity/v1/membership_pb.ts";
import { callOf } from "@portcullis/service";
import { changeMember } from "../domain/change-member.ts";
import type { IdentityDeps } from "./deps.ts";
import { parseMemberCommand, toMembership } from "./member-messages.ts";

export function removeMembership(
  deps: IdentityDeps,
): MethodImpl<typeof MembershipService.method.removeMembership> {
  return async (request, context) => {
    const call = callOf(context);
    const command = parseMemberCommand(call, RemoveMembershipRequestSchema, request);
    return { membership: toMembership(await changeMember(deps, command, "remove", call.signal)) };
  };
}
