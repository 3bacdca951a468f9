import type { MethodImpl } from "@connectrpc/connect";
import {
  LeaveAccountRequestSchema,
  type MembershipService,
} from "@portcullis/contracts/portcullis/identity/v1/membership_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { revokeMember } from "../domain/change-member.ts";
import { parseMemberId } from "../domain/ids.ts";
import type { IdentityDeps } from "./deps.ts";
import { selfOf } from "./people-calls.ts";
import { receiptFor } from "./receipts.ts";

export function leaveAccount(deps: IdentityDeps): MethodImpl<typeof MembershipService.method.leaveAccount> {
  return async (request, context) => {
    const call = callOf(context);
    const { accountId, principalId } = selfOf(call);
    const command = {
      mutation: mutationOf(call, LeaveAccountRequestSchema, request),
      isUnrestricted: false,
      accountId,
      id: parseMemberId(principalId),
      etag: undefined,
    };
    const { revocation } = await revokeMember(deps, command, "leave", call.signal);
    return receiptFor(deps, revocation);
  };
}
