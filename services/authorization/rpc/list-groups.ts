import type { MethodImpl } from "@connectrpc/connect";
import type { GroupService } from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import { callOf } from "@portcullis/service";
import type { GroupStore } from "../domain/group-ports.ts";
import { parseAccountId } from "../domain/ids.ts";
import { listGroups as list } from "../domain/list-groups.ts";
import { toGroup } from "./group-messages.ts";
import { parsePage, parsePrincipalFilter } from "./messages.ts";

/** Lists the account's groups. */
export function listGroups(deps: {
  readonly groups: GroupStore;
}): MethodImpl<typeof GroupService.method.listGroups> {
  return async (request, context) => {
    const call = callOf(context);
    const accountId = parseAccountId(call.accountId);
    const filter = parsePrincipalFilter(request.principalId);
    const page = await list(deps, accountId, filter, parsePage(request), call.signal);
    return { groups: page.items.map(toGroup), nextPageToken: page.nextToken };
  };
}
