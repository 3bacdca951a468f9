import type { MethodImpl } from "@connectrpc/connect";
import {
  RemoveSuperAdminRequestSchema,
  type SuperAdminService,
} from "@portcullis/contracts/portcullis/identity/v1/super_admin_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { parseUserId } from "../domain/ids.ts";
import { setSuperAdmin } from "../domain/super-admin.ts";
import type { IdentityDeps } from "./deps.ts";

export function removeSuperAdmin(
  deps: IdentityDeps,
): MethodImpl<typeof SuperAdminService.method.removeSuperAdmin> {
  return async (request, context) => {
    const call = callOf(context);
    const mutation = mutationOf(call, RemoveSuperAdminRequestSchema, request);
    const userId = parseUserId(request.userId);
    await setSuperAdmin(deps, { mutation, userId, superAdmin: false }, call.signal);
    return {};
  };
}
