import type { MethodImpl } from "@connectrpc/connect";
import {
  type ObjectService,
  UnshareObjectsRequestSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/object_pb.ts";
import { callOf, mutationOf, type ReceiptBook } from "@portcullis/service";
import { parseAccountId } from "../domain/ids.ts";
import type { UnitOfWork } from "../domain/ports.ts";
import { unshareObjects as unshare } from "../domain/share-objects.ts";
import { parseShare } from "./object-messages.ts";
import { toReceipt } from "./receipts.ts";

/** Closes objects to principals and groups. */
export function unshareObjects(deps: {
  readonly work: UnitOfWork;
  readonly receipts: ReceiptBook;
}): MethodImpl<typeof ObjectService.method.unshareObjects> {
  return async (request, context) => {
    const call = callOf(context);
    const mutation = mutationOf(call, UnshareObjectsRequestSchema, request);
    const { effect } = await unshare(
      deps,
      mutation,
      parseShare(parseAccountId(call.accountId), request),
      call.signal,
    );
    return toReceipt(deps, call, "object.unshare", request.objectType, effect);
  };
}
