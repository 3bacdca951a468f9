import type { MethodImpl } from "@connectrpc/connect";
import {
  type RoleService,
  UpdateRoleRequestSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/role_pb.ts";
import { callOf, mutationOf, parseUpdateMask, type ReceiptBook } from "@portcullis/service";
import type { RoleDeps } from "../domain/create-role.ts";
import { parseAccountId } from "../domain/ids.ts";
import { updateRole as update } from "../domain/update-role.ts";
import { parseEtag, requireName } from "./messages.ts";
import { toReceipt } from "./receipts.ts";
import { toCustomRole } from "./role-messages.ts";

/** Changes a custom role. */
export function updateRole(
  deps: RoleDeps & { readonly receipts: ReceiptBook },
): MethodImpl<typeof RoleService.method.updateRole> {
  return async (request, context) => {
    const call = callOf(context);
    const fields = parseUpdateMask(request.updateMask, ["display_name", "description", "permission_ids"]);
    const changes = {
      ...(fields.has("display_name") ? { displayName: requireName(request.displayName) } : {}),
      ...(fields.has("description") ? { description: request.description } : {}),
      ...(fields.has("permission_ids") ? { permissionIds: request.permissionIds } : {}),
    };
    const mutation = mutationOf(call, UpdateRoleRequestSchema, request);
    const command = {
      accountId: parseAccountId(call.accountId),
      roleId: request.roleId,
      etag: parseEtag(request.etag),
    };
    const { value, effect } = await update(deps, mutation, command, changes, call.signal);
    const receipt = await toReceipt(deps, call, "role.update", value.roleId, effect);
    return { role: toCustomRole(value), ...receipt };
  };
}
