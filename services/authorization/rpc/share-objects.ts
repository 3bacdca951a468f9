import type { MethodImpl } from "@connectrpc/connect";
import {
  type ObjectService,
  ShareObjectsRequestSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/object_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { parseAccountId } from "../domain/ids.ts";
import type { UnitOfWork } from "../domain/ports.ts";
import { shareObjects as share } from "../domain/share-objects.ts";
import { parseShare } from "./object-messages.ts";
import { toRevision } from "./receipts.ts";

/** Opens objects to principals and groups. */
export function shareObjects(deps: {
  readonly work: UnitOfWork;
}): MethodImpl<typeof ObjectService.method.shareObjects> {
  return async (request, context) => {
    const call = callOf(context);
    const mutation = mutationOf(call, ShareObjectsRequestSchema, request);
    const { effect } = await share(
      deps,
      mutation,
      parseShare(parseAccountId(call.accountId), request),
      call.signal,
    );
    return toRevision(effect);
  };
}
