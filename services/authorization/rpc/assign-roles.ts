import type { MethodImpl } from "@connectrpc/connect";
import {
  AssignRolesRequestSchema,
  type GrantService,
} from "@portcullis/contracts/portcullis/authorization/v1/grant_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { assignRoles as assign } from "../domain/change-grants.ts";
import { parseAccountId } from "../domain/ids.ts";
import type { UnitOfWork } from "../domain/ports.ts";
import { toRevision } from "./receipts.ts";

/** Gives roles. */
export function assignRoles(deps: {
  readonly work: UnitOfWork;
}): MethodImpl<typeof GrantService.method.assignRoles> {
  return async (request, context) => {
    const call = callOf(context);
    const accountId = parseAccountId(call.accountId);
    const mutation = mutationOf(call, AssignRolesRequestSchema, request);
    const { principalIds, roleIds: ids } = request;
    const { effect } = await assign(deps, mutation, { accountId, principalIds, ids }, call.signal);
    return toRevision(effect);
  };
}
