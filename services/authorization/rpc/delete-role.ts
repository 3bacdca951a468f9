import type { MethodImpl } from "@connectrpc/connect";
import {
  DeleteRoleRequestSchema,
  type RoleService,
} from "@portcullis/contracts/portcullis/authorization/v1/role_pb.ts";
import { callOf, mutationOf, type ReceiptBook } from "@portcullis/service";
import { deleteRole as remove } from "../domain/delete-role.ts";
import { parseAccountId } from "../domain/ids.ts";
import type { UnitOfWork } from "../domain/ports.ts";
import { parseEtag } from "./messages.ts";
import { toReceipt } from "./receipts.ts";

/** Deletes a custom role. */
export function deleteRole(deps: {
  readonly work: UnitOfWork;
  readonly receipts: ReceiptBook;
}): MethodImpl<typeof RoleService.method.deleteRole> {
  return async (request, context) => {
    const call = callOf(context);
    const mutation = mutationOf(call, DeleteRoleRequestSchema, request);
    const command = {
      accountId: parseAccountId(call.accountId),
      roleId: request.roleId,
      etag: parseEtag(request.etag),
      force: request.force,
    };
    const { effect } = await remove(deps, mutation, command, call.signal);
    return toReceipt(deps, call, "role.delete", request.roleId, effect);
  };
}
