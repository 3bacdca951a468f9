import type { MethodImpl } from "@connectrpc/connect";
import type { MembershipService } from "@portcullis/contracts/portcullis/identity/v1/membership_pb.ts";
import { callOf } from "@portcullis/service";
import type { IdentityDeps } from "./deps.ts";
import { toMembership } from "./member-messages.ts";
import { accountIdOf, parsePage } from "./messages.ts";

export function listMemberships({
  members,
}: IdentityDeps): MethodImpl<typeof MembershipService.method.listMemberships> {
  return async (request, context) => {
    const call = callOf(context);
    const accountId = accountIdOf(call);
    const { principalIds: ids = [], email = "", emailContains = "" } = request.filter ?? {};
    const filter = { ids, email, emailContains };
    const page = await members.list(accountId, filter, parsePage(request), call.signal);
    const total = request.withTotalSize ? await members.count(accountId, filter, call.signal) : 0;
    return {
      memberships: page.items.map(toMembership),
      nextPageToken: page.nextToken,
      totalSize: BigInt(total),
    };
  };
}
