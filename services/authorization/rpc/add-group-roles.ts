import type { MethodImpl } from "@connectrpc/connect";
import {
  AddGroupRolesRequestSchema,
  type GroupService,
} from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { addGroupRoles as add } from "../domain/change-group-roles.ts";
import type { GroupStore } from "../domain/group-ports.ts";
import { parseAccountId } from "../domain/ids.ts";
import type { UnitOfWork } from "../domain/ports.ts";
import { toGroup } from "./group-messages.ts";
import { toRevision } from "./receipts.ts";

/** Gives roles to a group. */
export function addGroupRoles(deps: {
  readonly work: UnitOfWork;
  readonly groups: GroupStore;
}): MethodImpl<typeof GroupService.method.addGroupRoles> {
  return async (request, context) => {
    const call = callOf(context);
    const accountId = parseAccountId(call.accountId);
    const mutation = mutationOf(call, AddGroupRolesRequestSchema, request);
    const { groupId, roleIds } = request;
    const { value, effect } = await add(deps, mutation, { accountId, groupId, roleIds }, call.signal);
    return { group: toGroup(value), ...toRevision(effect) };
  };
}
