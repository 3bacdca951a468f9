import type { MethodImpl } from "@connectrpc/connect";
import {
  type GrantService,
  UnassignRolesRequestSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/grant_pb.ts";
import { callOf, mutationOf, type ReceiptBook } from "@portcullis/service";
import { unassignRoles as unassign } from "../domain/change-grants.ts";
import { parseAccountId } from "../domain/ids.ts";
import type { UnitOfWork } from "../domain/ports.ts";
import { toReceipt } from "./receipts.ts";

/** Takes roles that were assigned. */
export function unassignRoles(deps: {
  readonly work: UnitOfWork;
  readonly receipts: ReceiptBook;
}): MethodImpl<typeof GrantService.method.unassignRoles> {
  return async (request, context) => {
    const call = callOf(context);
    const accountId = parseAccountId(call.accountId);
    const mutation = mutationOf(call, UnassignRolesRequestSchema, request);
    const { principalIds, roleIds: ids } = request;
    const { effect } = await unassign(deps, mutation, { accountId, principalIds, ids }, call.signal);
    return toReceipt(deps, call, "role.unassign", principalIds.toSorted()[0] ?? "", effect);
  };
}
