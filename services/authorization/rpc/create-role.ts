import type { MethodImpl } from "@connectrpc/connect";
import {
  CreateRoleRequestSchema,
  type RoleService,
} from "@portcullis/contracts/portcullis/authorization/v1/role_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { createRole as create, type RoleDeps } from "../domain/create-role.ts";
import { parseAccountId } from "../domain/ids.ts";
import { toRevision } from "./receipts.ts";
import { toCustomRole } from "./role-messages.ts";

/** Creates a custom role. */
export function createRole(deps: RoleDeps): MethodImpl<typeof RoleService.method.createRole> {
  return async (request, context) => {
    const call = callOf(context);
    const accountId = parseAccountId(call.accountId);
    const mutation = mutationOf(call, CreateRoleRequestSchema, request);
    const { displayName, description, permissionIds } = request;
    const fields = { displayName, description, permissionIds };
    const { value, effect } = await create(deps, mutation, accountId, fields, call.signal);
    return { role: toCustomRole(value), ...toRevision(effect) };
  };
}
