import type { MethodImpl } from "@connectrpc/connect";
import {
  type MembershipService,
  RemoveMembershipRequestSchema,
} from "@portcullis/contracts/portcullis/identity/v1/membership_pb.ts";
import { callOf } from "@portcullis/service";
import { revokeMember } from "../domain/change-member.ts";
import type { IdentityDeps } from "./deps.ts";
import { parseMemberCommand, toMembership } from "./member-messages.ts";
import { receiptFor } from "./receipts.ts";

export function removeMembership(
  deps: IdentityDeps,
): MethodImpl<typeof MembershipService.method.removeMembership> {
  return async (request, context) => {
    const call = callOf(context);
    const command = parseMemberCommand(call, RemoveMembershipRequestSchema, request);
    const { value, revocation } = await revokeMember(deps, command, "remove", call.signal);
    return { membership: toMembership(value), ...(await receiptFor(deps, revocation)) };
  };
}
