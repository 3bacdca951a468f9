import type { MethodImpl } from "@connectrpc/connect";
import {
  type ObjectService,
  UnregisterObjectsRequestSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/object_pb.ts";
import { callOf, mutationOf, type ReceiptBook } from "@portcullis/service";
import { parseAccountId } from "../domain/ids.ts";
import type { UnitOfWork } from "../domain/ports.ts";
import { unregisterObjects as unregister } from "../domain/register-objects.ts";
import { parseObjects } from "./object-messages.ts";
import { toReceipt } from "./receipts.ts";

/** Forgets objects. */
export function unregisterObjects(deps: {
  readonly work: UnitOfWork;
  readonly receipts: ReceiptBook;
}): MethodImpl<typeof ObjectService.method.unregisterObjects> {
  return async (request, context) => {
    const call = callOf(context);
    const mutation = mutationOf(call, UnregisterObjectsRequestSchema, request);
    const { effect } = await unregister(
      deps,
      mutation,
      parseObjects(parseAccountId(call.accountId), request),
      call.signal,
    );
    return toReceipt(deps, call, "object.unregister", request.objectType, effect);
  };
}
