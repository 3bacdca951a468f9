import type { MethodImpl } from "@connectrpc/connect";
import {
  DeactivateServiceUserRequestSchema,
  type ServiceUserService,
} from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import { callOf } from "@portcullis/service";
import { deactivateServiceUser as deactivateNow } from "../domain/deactivate-service-user.ts";
import { deactivate } from "../domain/service-user.ts";
import type { IdentityDeps } from "./deps.ts";
import { toServiceUser } from "./messages.ts";
import { previewOf } from "./preview.ts";
import { receiptFor } from "./receipts.ts";
import { parseServiceUserCommand } from "./service-user-command.ts";

export function deactivateServiceUser(
  deps: IdentityDeps,
): MethodImpl<typeof ServiceUserService.method.deactivateServiceUser> {
  return async (request, context) => {
    const call = callOf(context);
    const command = parseServiceUserCommand(call, DeactivateServiceUserRequestSchema, request);
    if (request.validateOnly) return previewOf(deps, command, deactivate, call.signal);
    const { value, revocation } = await deactivateNow(deps, command, call.signal);
    return { serviceUser: toServiceUser(value), ...(await receiptFor(deps, revocation)) };
  };
}
