import type { MethodImpl } from "@connectrpc/connect";
import {
  DeleteGroupRequestSchema,
  type GroupService,
} from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import { callOf, mutationOf, type ReceiptBook } from "@portcullis/service";
import { deleteGroup as remove } from "../domain/delete-group.ts";
import { parseAccountId } from "../domain/ids.ts";
import type { UnitOfWork } from "../domain/ports.ts";
import { parseEtag } from "./messages.ts";
import { toReceipt } from "./receipts.ts";

/** Deletes a group. */
export function deleteGroup(deps: {
  readonly work: UnitOfWork;
  readonly receipts: ReceiptBook;
}): MethodImpl<typeof GroupService.method.deleteGroup> {
  return async (request, context) => {
    const call = callOf(context);
    const mutation = mutationOf(call, DeleteGroupRequestSchema, request);
    const command = {
      accountId: parseAccountId(call.accountId),
      groupId: request.groupId,
      etag: parseEtag(request.etag),
      force: request.force,
    };
    const { effect } = await remove(deps, mutation, command, call.signal);
    return toReceipt(deps, call, "group.delete", request.groupId, effect);
  };
}
