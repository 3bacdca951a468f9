import type { MethodImpl } from "@connectrpc/connect";
import {
  type GroupService,
  RemoveGroupMembersRequestSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import { callOf, mutationOf, type ReceiptBook } from "@portcullis/service";
import { removeGroupMembers as remove } from "../domain/change-group-members.ts";
import type { GroupStore } from "../domain/group-ports.ts";
import { parseAccountId } from "../domain/ids.ts";
import type { UnitOfWork } from "../domain/ports.ts";
import { toGroup } from "./group-messages.ts";
import { toReceipt } from "./receipts.ts";

/** Takes principals out of a group. */
export function removeGroupMembers(deps: {
  readonly work: UnitOfWork;
  readonly receipts: ReceiptBook;
  readonly groups: GroupStore;
}): MethodImpl<typeof GroupService.method.removeGroupMembers> {
  return async (request, context) => {
    const call = callOf(context);
    const accountId = parseAccountId(call.accountId);
    const mutation = mutationOf(call, RemoveGroupMembersRequestSchema, request);
    const { groupId, principalIds } = request;
    const { value, effect } = await remove(deps, mutation, { accountId, groupId, principalIds }, call.signal);
    return {
      group: toGroup(value),
      ...(await toReceipt(deps, call, "group.remove_members", groupId, effect)),
    };
  };
}
