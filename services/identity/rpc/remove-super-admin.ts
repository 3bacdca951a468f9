import type { MethodImpl } from "@connectrpc/connect";
import {
  RemoveSuperAdminRequestSchema,
  type SuperAdminService,
} from "@portcullis/contracts/portcullis/identity/v1/super_admin_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { parseUserId } from "../domain/ids.ts";
import { removeSuperAdmin as remove } from "../domain/super-admin.ts";
import type { IdentityDeps } from "./deps.ts";
import { receiptFor } from "./receipts.ts";

export function removeSuperAdmin(
  deps: IdentityDeps,
): MethodImpl<typeof SuperAdminService.method.removeSuperAdmin> {
  return async (request, context) => {
    const call = callOf(context);
    const mutation = mutationOf(call, RemoveSuperAdminRequestSchema, request);
    const userId = parseUserId(request.userId);
    return receiptFor(deps, await remove(deps, { mutation, userId }, call.signal));
  };
}
