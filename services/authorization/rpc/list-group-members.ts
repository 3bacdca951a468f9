import type { MethodImpl } from "@connectrpc/connect";
import type { GroupService } from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import { callOf } from "@portcullis/service";
import type { GroupStore } from "../domain/group-ports.ts";
import { parseAccountId } from "../domain/ids.ts";
import { listGroupMembers as list } from "../domain/list-group-members.ts";
import { parsePage } from "./messages.ts";

/** Lists a group's members. */
export function listGroupMembers(deps: {
  readonly groups: GroupStore;
}): MethodImpl<typeof GroupService.method.listGroupMembers> {
  return async (request, context) => {
    const call = callOf(context);
    const accountId = parseAccountId(call.accountId);
    const page = await list(deps, accountId, request.groupId, parsePage(request), call.signal);
    return { principalIds: [...page.items], nextPageToken: page.nextToken };
  };
}
