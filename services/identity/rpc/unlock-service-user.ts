import type { MethodImpl } from "@connectrpc/connect";
import {
  type ServiceUserService,
  UnlockServiceUserRequestSchema,
} from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import { callOf } from "@portcullis/service";
import { unlockServiceUser as unlock } from "../domain/unlock-service-user.ts";
import type { IdentityDeps } from "./deps.ts";
import { toServiceUser } from "./messages.ts";
import { parseServiceUserCommand } from "./service-user-command.ts";

export function unlockServiceUser(
  deps: IdentityDeps,
): MethodImpl<typeof ServiceUserService.method.unlockServiceUser> {
  return async (request, context) => {
    const call = callOf(context);
    const command = parseServiceUserCommand(call, UnlockServiceUserRequestSchema, request);
    return { serviceUser: toServiceUser(await unlock(deps, command, call.signal)) };
  };
}
