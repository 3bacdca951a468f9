import type { MethodImpl } from "@connectrpc/connect";
import {
  ActivateServiceUserRequestSchema,
  type ServiceUserService,
} from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import { callOf } from "@portcullis/service";
import { activateServiceUser as activate } from "../domain/activate-service-user.ts";
import type { IdentityDeps } from "./deps.ts";
import { toServiceUser } from "./messages.ts";
import { parseServiceUserCommand } from "./service-user-command.ts";

export function activateServiceUser(
  deps: IdentityDeps,
): MethodImpl<typeof ServiceUserService.method.activateServiceUser> {
  return async (request, context) => {
    const call = callOf(context);
    const command = parseServiceUserCommand(call, ActivateServiceUserRequestSchema, request);
    return { serviceUser: toServiceUser(await activate(deps, command, call.signal)) };
  };
}
