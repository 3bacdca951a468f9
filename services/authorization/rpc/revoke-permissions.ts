import type { MethodImpl } from "@connectrpc/connect";
import {
  type GrantService,
  RevokePermissionsRequestSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/grant_pb.ts";
import { callOf, mutationOf, type ReceiptBook } from "@portcullis/service";
import { revokePermissions as revoke } from "../domain/change-grants.ts";
import { parseAccountId } from "../domain/ids.ts";
import type { UnitOfWork } from "../domain/ports.ts";
import { toReceipt } from "./receipts.ts";

/** Takes permissions that were given directly. */
export function revokePermissions(deps: {
  readonly work: UnitOfWork;
  readonly receipts: ReceiptBook;
}): MethodImpl<typeof GrantService.method.revokePermissions> {
  return async (request, context) => {
    const call = callOf(context);
    const accountId = parseAccountId(call.accountId);
    const mutation = mutationOf(call, RevokePermissionsRequestSchema, request);
    const { principalIds, permissionIds: ids } = request;
    const { effect } = await revoke(deps, mutation, { accountId, principalIds, ids }, call.signal);
    return toReceipt(deps, call, "permission.revoke", principalIds.toSorted()[0] ?? "", effect);
  };
}
