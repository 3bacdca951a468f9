import type { MethodImpl } from "@connectrpc/connect";
import {
  AddSuperAdminRequestSchema,
  type SuperAdminService,
} from "@portcullis/contracts/portcullis/identity/v1/super_admin_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { parseUserId } from "../domain/ids.ts";
import { addSuperAdmin as add } from "../domain/super-admin.ts";
import type { IdentityDeps } from "./deps.ts";

export function addSuperAdmin(deps: IdentityDeps): MethodImpl<typeof SuperAdminService.method.addSuperAdmin> {
  return async (request, context) => {
    const call = callOf(context);
    const mutation = mutationOf(call, AddSuperAdminRequestSchema, request);
    await add(deps, { mutation, userId: parseUserId(request.userId) }, call.signal);
    return {};
  };
}
