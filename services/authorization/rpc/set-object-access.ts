import type { MethodImpl } from "@connectrpc/connect";
import {
  type ObjectService,
  SetObjectAccessRequestSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/object_pb.ts";
import { callOf, mutationOf, type ReceiptBook } from "@portcullis/service";
import { parseAccountId } from "../domain/ids.ts";
import type { ObjectStore } from "../domain/object-ports.ts";
import type { UnitOfWork } from "../domain/ports.ts";
import { setObjectAccess as set } from "../domain/share-objects.ts";
import { parseAction, parseObjectRef } from "./check-messages.ts";
import { toObjectAccess } from "./object-messages.ts";
import { toReceipt } from "./receipts.ts";

/** Opens an object to those in the request, and to nobody else. */
export function setObjectAccess(deps: {
  readonly work: UnitOfWork;
  readonly receipts: ReceiptBook;
  readonly objects: ObjectStore;
}): MethodImpl<typeof ObjectService.method.setObjectAccess> {
  return async (request, context) => {
    const call = callOf(context);
    const mutation = mutationOf(call, SetObjectAccessRequestSchema, request);
    const key = { accountId: parseAccountId(call.accountId), ...parseObjectRef(request) };
    const entries = request.entries.map(({ holderId, action }) => ({
      holderId,
      action: parseAction(action),
    }));
    const { value, effect } = await set(deps, mutation, key, entries, call.signal);
    const receipt = await toReceipt(deps, call, "object.set_access", key.objectId, effect);
    return { access: toObjectAccess(value), ...receipt };
  };
}
