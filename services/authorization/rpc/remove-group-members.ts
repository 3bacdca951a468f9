import type { MethodImpl } from "@connectrpc/connect";
import {
  type GroupService,
  RemoveGroupMembersRequestSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { removeGroupMembers as remove } from "../domain/change-group-members.ts";
import type { GroupStore } from "../domain/group-ports.ts";
import { parseAccountId } from "../domain/ids.ts";
import type { UnitOfWork } from "../domain/ports.ts";
import { toGroup } from "./group-messages.ts";

/** Takes principals out of a group. */
export function removeGroupMembers(deps: {
  readonly work: UnitOfWork;
  readonly groups: GroupStore;
}): MethodImpl<typeof GroupService.method.removeGroupMembers> {
  return async (request, context) => {
    const call = callOf(context);
    const accountId = parseAccountId(call.accountId);
    const mutation = mutationOf(call, RemoveGroupMembersRequestSchema, request);
    const { groupId, principalIds } = request;
    const group = await remove(deps, mutation, { accountId, groupId, principalIds }, call.signal);
    return { group: toGroup(group) };
  };
}
