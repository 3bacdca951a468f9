import type { MethodImpl } from "@connectrpc/connect";
import type { GrantService } from "@portcullis/contracts/portcullis/authorization/v1/grant_pb.ts";
import { callOf } from "@portcullis/service";
import type { SubjectStore } from "../domain/decision-ports.ts";
import { getHoldings } from "../domain/get-holdings.ts";
import { parseAccountId, parsePrincipalId } from "../domain/ids.ts";

/** Tells what each of many principals was given. */
export function batchGetHoldings(deps: {
  readonly subjects: SubjectStore;
}): MethodImpl<typeof GrantService.method.batchGetHoldings> {
  return async (request, context) => {
    const call = callOf(context);
    const principalIds = request.principalIds.flatMap((text) => parsePrincipalId(text) ?? []);
    const found = await getHoldings(deps, parseAccountId(call.accountId), principalIds, call.signal);
    return {
      holdings: found.map((each) => ({
        principalId: each.principalId,
        directPermissionIds: [...each.directPermissionIds],
        assignedRoleIds: [...each.assignedRoleIds],
        boundRoleIds: [...each.boundRoleIds],
        groupIds: [...each.groupIds],
        roleIds: [...each.roleIds],
        permissionIds: [...each.permissionIds],
      })),
    };
  };
}
