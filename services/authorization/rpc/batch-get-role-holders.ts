import type { MethodImpl } from "@connectrpc/connect";
import type { GrantService } from "@portcullis/contracts/portcullis/authorization/v1/grant_pb.ts";
import { callOf } from "@portcullis/service";
import { parseAccountId } from "../domain/ids.ts";
import type { RoleStore } from "../domain/role-ports.ts";

/** Tells who holds each of many roles. */
export function batchGetRoleHolders({
  roles,
}: {
  readonly roles: RoleStore;
}): MethodImpl<typeof GrantService.method.batchGetRoleHolders> {
  return async ({ roleIds, namesMax }, context) => {
    const call = callOf(context);
    const found = await roles.holdersOf(parseAccountId(call.accountId), roleIds, namesMax, call.signal);
    return {
      holders: found.map(({ roleId, principalCount, groupCount, principalIds, groupIds }) => ({
        roleId,
        principalCount: BigInt(principalCount),
        groupCount: BigInt(groupCount),
        principalIds: [...principalIds],
        groupIds: [...groupIds],
      })),
    };
  };
}
