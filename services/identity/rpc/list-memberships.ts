import type { MethodImpl } from "@connectrpc/connect";
import type { MembershipService } from "@portcullis/contracts/portcullis/identity/v1/membership_pb.ts";
import { callOf } from "@portcullis/service";
import type { IdentityDeps } from "./deps.ts";
import { toMembership } from "./member-messages.ts";
import { accountIdOf, parsePage } from "./messages.ts";

export function listMemberships(
  deps: IdentityDeps,
): MethodImpl<typeof MembershipService.method.listMemberships> {
  return async (request, context) => {
    const call = callOf(context);
    const page = await deps.members.list(accountIdOf(call), parsePage(request), call.signal);
    return { memberships: page.items.map(toMembership), nextPageToken: page.nextToken };
  };
}
