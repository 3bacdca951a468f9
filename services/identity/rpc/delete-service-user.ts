import type { MethodImpl } from "@connectrpc/connect";
import {
  DeleteServiceUserRequestSchema,
  type ServiceUserService,
} from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import { callOf } from "@portcullis/service";
import { deleteServiceUser as deleteNow } from "../domain/delete-service-user.ts";
import { remove } from "../domain/service-user.ts";
import type { IdentityDeps } from "./deps.ts";
import { toServiceUser } from "./messages.ts";
import { previewOf } from "./preview.ts";
import { receiptFor } from "./receipts.ts";
import { parseServiceUserCommand } from "./service-user-command.ts";

export function deleteServiceUser(
  deps: IdentityDeps,
): MethodImpl<typeof ServiceUserService.method.deleteServiceUser> {
  return async (request, context) => {
    const call = callOf(context);
    const command = parseServiceUserCommand(call, DeleteServiceUserRequestSchema, request);
    if (request.validateOnly) return previewOf(deps, command, remove, call.signal);
    const { value, revocation } = await deleteNow(deps, command, call.signal);
    return { serviceUser: toServiceUser(value), ...(await receiptFor(deps, revocation)) };
  };
}
