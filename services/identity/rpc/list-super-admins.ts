import type { MethodImpl } from "@connectrpc/connect";
import type { SuperAdminService } from "@portcullis/contracts/portcullis/identity/v1/super_admin_pb.ts";
import { callOf } from "@portcullis/service";
import type { IdentityDeps } from "./deps.ts";

export function listSuperAdmins(
  deps: IdentityDeps,
): MethodImpl<typeof SuperAdminService.method.listSuperAdmins> {
  return async (_request, context) => {
    const users = await deps.users.listSuperAdmins(callOf(context).signal);
    return { superAdmins: users.map(({ id, email }) => ({ userId: id, email })) };
  };
}
