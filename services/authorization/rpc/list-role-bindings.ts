import type { MethodImpl } from "@connectrpc/connect";
import type { RoleBindingService } from "@portcullis/contracts/portcullis/authorization/v1/role_binding_pb.ts";
import { callOf } from "@portcullis/service";
import { parseAccountId } from "../domain/ids.ts";
import { listRoleBindings as list } from "../domain/list-role-bindings.ts";
import type { RoleBindingStore } from "../domain/principal-ports.ts";
import { parsePage, parsePrincipalFilter, toRoleBinding } from "./messages.ts";

/** Lists the account's role bindings. */
export function listRoleBindings(deps: {
  readonly roleBindings: RoleBindingStore;
}): MethodImpl<typeof RoleBindingService.method.listRoleBindings> {
  return async (request, context) => {
    const call = callOf(context);
    const page = parsePage(request);
    const filter = parsePrincipalFilter(request.principalId);
    const found = await list(deps, parseAccountId(call.accountId), filter, page, call.signal);
    return { roleBindings: found.items.map(toRoleBinding), nextPageToken: found.nextToken };
  };
}
