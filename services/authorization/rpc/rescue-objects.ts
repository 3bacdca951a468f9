import type { MethodImpl } from "@connectrpc/connect";
import {
  type ObjectService,
  RescueObjectsRequestSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/object_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { parseAccountId } from "../domain/ids.ts";
import type { UnitOfWork } from "../domain/ports.ts";
import { rescueObjects as rescue } from "../domain/share-objects.ts";
import { parseObjects } from "./object-messages.ts";
import { toRevision } from "./receipts.ts";

/** Opens orphans to principals and groups. */
export function rescueObjects(deps: {
  readonly work: UnitOfWork;
}): MethodImpl<typeof ObjectService.method.rescueObjects> {
  return async (request, context) => {
    const call = callOf(context);
    const mutation = mutationOf(call, RescueObjectsRequestSchema, request);
    const objects = parseObjects(parseAccountId(call.accountId), request);
    const { effect } = await rescue(deps, mutation, objects, request.holderIds, call.signal);
    return toRevision(effect);
  };
}
