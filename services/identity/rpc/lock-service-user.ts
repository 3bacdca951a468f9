import type { MethodImpl } from "@connectrpc/connect";
import {
  LockServiceUserRequestSchema,
  type ServiceUserService,
} from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import { callOf } from "@portcullis/service";
import { lockServiceUser as lockNow } from "../domain/lock-service-user.ts";
import { lock } from "../domain/service-user.ts";
import type { IdentityDeps } from "./deps.ts";
import { toServiceUser } from "./messages.ts";
import { previewOf } from "./preview.ts";
import { receiptFor } from "./receipts.ts";
import { parseServiceUserCommand } from "./service-user-command.ts";

export function lockServiceUser(
  deps: IdentityDeps,
): MethodImpl<typeof ServiceUserService.method.lockServiceUser> {
  return async (request, context) => {
    const call = callOf(context);
    const command = parseServiceUserCommand(call, LockServiceUserRequestSchema, request);
    if (request.validateOnly) return previewOf(deps, command, lock, call.signal);
    const { value, revocation } = await lockNow(deps, command, call.signal);
    return { serviceUser: toServiceUser(value), ...(await receiptFor(deps, revocation)) };
  };
}
