import type { MethodImpl } from "@connectrpc/connect";
import type { GroupService } from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import { callOf } from "@portcullis/service";
import { getGroup as get } from "../domain/get-group.ts";
import type { GroupStore } from "../domain/group-ports.ts";
import { parseAccountId } from "../domain/ids.ts";
import { toGroup } from "./group-messages.ts";

/** Reads a group. */
export function getGroup(deps: {
  readonly groups: GroupStore;
}): MethodImpl<typeof GroupService.method.getGroup> {
  return async (request, context) => {
    const call = callOf(context);
    const accountId = parseAccountId(call.accountId);
    return { group: toGroup(await get(deps, accountId, request.groupId, call.signal)) };
  };
}
