import type { MethodImpl } from "@connectrpc/connect";
import {
  AddGroupMembersRequestSchema,
  type GroupService,
} from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { addGroupMembers as add } from "../domain/change-group-members.ts";
import type { GroupStore } from "../domain/group-ports.ts";
import { parseAccountId } from "../domain/ids.ts";
import type { UnitOfWork } from "../domain/ports.ts";
import { toGroup } from "./group-messages.ts";
import { toRevision } from "./receipts.ts";

/** Puts principals into a group. */
export function addGroupMembers(deps: {
  readonly work: UnitOfWork;
  readonly groups: GroupStore;
}): MethodImpl<typeof GroupService.method.addGroupMembers> {
  return async (request, context) => {
    const call = callOf(context);
    const accountId = parseAccountId(call.accountId);
    const mutation = mutationOf(call, AddGroupMembersRequestSchema, request);
    const { groupId, principalIds } = request;
    const { value, effect } = await add(deps, mutation, { accountId, groupId, principalIds }, call.signal);
    return { group: toGroup(value), ...toRevision(effect) };
  };
}
