import type { MethodImpl } from "@connectrpc/connect";
import {
  type GroupService,
  RemoveGroupRolesRequestSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import { callOf, mutationOf, type ReceiptBook } from "@portcullis/service";
import { removeGroupRoles as remove } from "../domain/change-group-roles.ts";
import type { GroupStore } from "../domain/group-ports.ts";
import { parseAccountId } from "../domain/ids.ts";
import type { UnitOfWork } from "../domain/ports.ts";
import { toGroup } from "./group-messages.ts";
import { toReceipt } from "./receipts.ts";

/** Takes roles from a group. */
export function removeGroupRoles(deps: {
  readonly work: UnitOfWork;
  readonly receipts: ReceiptBook;
  readonly groups: GroupStore;
}): MethodImpl<typeof GroupService.method.removeGroupRoles> {
  return async (request, context) => {
    const call = callOf(context);
    const accountId = parseAccountId(call.accountId);
    const mutation = mutationOf(call, RemoveGroupRolesRequestSchema, request);
    const { groupId, roleIds } = request;
    const { value, effect } = await remove(deps, mutation, { accountId, groupId, roleIds }, call.signal);
    return { group: toGroup(value), ...(await toReceipt(deps, call, "group.remove_roles", groupId, effect)) };
  };
}
