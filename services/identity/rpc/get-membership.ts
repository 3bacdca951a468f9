import type { MethodImpl } from "@connectrpc/connect";
import type { MembershipService } from "@portcullis/contracts/portcullis/identity/v1/membership_pb.ts";
import { callOf } from "@portcullis/service";
import { getMembership as read } from "../domain/get-membership.ts";
import { parseMemberId } from "../domain/ids.ts";
import type { IdentityDeps } from "./deps.ts";
import { toMembership } from "./member-messages.ts";
import { accountIdOf } from "./messages.ts";

export function getMembership(deps: IdentityDeps): MethodImpl<typeof MembershipService.method.getMembership> {
  return async (request, context) => {
    const call = callOf(context);
    const id = parseMemberId(request.principalId);
    return { membership: toMembership(await read(deps, accountIdOf(call), id, call.signal)) };
  };
}
