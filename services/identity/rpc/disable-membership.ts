import type { MethodImpl } from "@connectrpc/connect";
import {
  DisableMembershipRequestSchema,
  type MembershipService,
} from "@portcullis/contracts/portcullis/identity/v1/membership_pb.ts";
import { callOf } from "@portcullis/service";
import { revokeMember } from "../domain/change-member.ts";
import type { IdentityDeps } from "./deps.ts";
import { parseMemberCommand, toMembership } from "./member-messages.ts";
import { receiptFor } from "./receipts.ts";

export function disableMembership(
  deps: IdentityDeps,
): MethodImpl<typeof MembershipService.method.disableMembership> {
  return async (request, context) => {
    const call = callOf(context);
    const command = parseMemberCommand(call, DisableMembershipRequestSchema, request);
    const { value, revocation } = await revokeMember(deps, command, "disable", call.signal);
    return { membership: toMembership(value), ...(await receiptFor(deps, revocation)) };
  };
}
