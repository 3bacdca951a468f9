import type { MethodImpl } from "@connectrpc/connect";
import {
  type ServiceUserService,
  UpdateServiceUserRequestSchema,
} from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import { callOf, parseUpdateMask } from "@portcullis/service";
import { updateServiceUser as update } from "../domain/update-service-user.ts";
import type { IdentityDeps } from "./deps.ts";
import { parseName, toServiceUser } from "./messages.ts";
import { parseServiceUserCommand } from "./service-user-command.ts";

export function updateServiceUser(
  deps: IdentityDeps,
): MethodImpl<typeof ServiceUserService.method.updateServiceUser> {
  return async (request, context) => {
    const call = callOf(context);
    const fields = parseUpdateMask(request.updateMask, ["name", "description"]);
    const changes = {
      ...(fields.has("name") ? { name: parseName("name", request.name) } : {}),
      ...(fields.has("description") ? { description: request.description } : {}),
    };
    const command = parseServiceUserCommand(call, UpdateServiceUserRequestSchema, request);
    return { serviceUser: toServiceUser(await update(deps, command, changes, call.signal)) };
  };
}
