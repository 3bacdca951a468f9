import type { MethodImpl } from "@connectrpc/connect";
import type { MembershipService } from "@portcullis/contracts/portcullis/identity/v1/membership_pb.ts";
import { callOf } from "@portcullis/service";
import { listOwnMemberships as list } from "../domain/list-own-memberships.ts";
import type { IdentityDeps } from "./deps.ts";
import { wireOfMemberState } from "./member-messages.ts";
import { selfOf } from "./people-calls.ts";

export function listOwnMemberships(
  deps: IdentityDeps,
): MethodImpl<typeof MembershipService.method.listOwnMemberships> {
  return async (_request, context) => {
    const call = callOf(context);
    const own = await list(deps, selfOf(call), call.signal);
    const memberships = own.map(({ member, account }) => ({
      accountId: account.id,
      accountDisplayName: account.displayName,
      principalId: member.id,
      state: wireOfMemberState[member.state],
    }));
    return { memberships };
  };
}
