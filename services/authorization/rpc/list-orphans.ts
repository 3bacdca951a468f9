import type { MethodImpl } from "@connectrpc/connect";
import type { ObjectService } from "@portcullis/contracts/portcullis/authorization/v1/object_pb.ts";
import { callOf } from "@portcullis/service";
import { parseAccountId } from "../domain/ids.ts";
import { listOrphans as list } from "../domain/list-orphans.ts";
import type { ObjectStore } from "../domain/object-ports.ts";
import { parsePage } from "./messages.ts";

/** Lists the objects that are open to nobody. */
export function listOrphans(deps: {
  readonly objects: ObjectStore;
}): MethodImpl<typeof ObjectService.method.listOrphans> {
  return async (request, context) => {
    const call = callOf(context);
    const accountId = parseAccountId(call.accountId);
    const found = await list(deps, accountId, request.objectType, parsePage(request), call.signal);
    const objects = found.items.map(({ objectType, objectId }) => ({ objectType, objectId }));
    return { objects, nextPageToken: found.nextToken };
  };
}
