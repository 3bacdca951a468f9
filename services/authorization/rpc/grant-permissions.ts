import type { MethodImpl } from "@connectrpc/connect";
import {
  GrantPermissionsRequestSchema,
  type GrantService,
} from "@portcullis/contracts/portcullis/authorization/v1/grant_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { grantPermissions as grant } from "../domain/change-grants.ts";
import { parseAccountId } from "../domain/ids.ts";
import type { UnitOfWork } from "../domain/ports.ts";
import { toRevision } from "./receipts.ts";

/** Gives permissions directly. */
export function grantPermissions(deps: {
  readonly work: UnitOfWork;
}): MethodImpl<typeof GrantService.method.grantPermissions> {
  return async (request, context) => {
    const call = callOf(context);
    const accountId = parseAccountId(call.accountId);
    const mutation = mutationOf(call, GrantPermissionsRequestSchema, request);
    const { principalIds, permissionIds: ids } = request;
    const { effect } = await grant(deps, mutation, { accountId, principalIds, ids }, call.signal);
    return toRevision(effect);
  };
}
