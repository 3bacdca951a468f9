import type { MethodImpl } from "@connectrpc/connect";
import type { RoleService } from "@portcullis/contracts/portcullis/authorization/v1/role_pb.ts";
import { callOf } from "@portcullis/service";
import { parseAccountId } from "../domain/ids.ts";
import { listRoles as list } from "../domain/list-roles.ts";
import type { RoleStore } from "../domain/role-ports.ts";
import { parsePage } from "./messages.ts";
import { toAnyRole } from "./role-messages.ts";

/** Lists the account's roles. */
export function listRoles(deps: {
  readonly roles: RoleStore;
}): MethodImpl<typeof RoleService.method.listRoles> {
  return async (request, context) => {
    const call = callOf(context);
    const accountId = parseAccountId(call.accountId);
    const page = await list(deps, accountId, parsePage(request), call.signal);
    return { roles: page.items.map(toAnyRole), nextPageToken: page.nextToken };
  };
}
