import type { MethodImpl } from "@connectrpc/connect";
import {
  UpdateUserRequestSchema,
  type UserService,
} from "@portcullis/contracts/portcullis/identity/v1/user_pb.ts";
import { callOf, mutationOf, parseUpdateMask } from "@portcullis/service";
import { updateUser as update } from "../domain/update-user.ts";
import type { IdentityDeps } from "./deps.ts";
import { parseEtag } from "./messages.ts";
import { selfOf, toUser } from "./people-calls.ts";

export function updateUser(deps: IdentityDeps): MethodImpl<typeof UserService.method.updateUser> {
  return async (request, context) => {
    const call = callOf(context);
    parseUpdateMask(request.updateMask, ["display_name"]);
    const command = {
      mutation: mutationOf(call, UpdateUserRequestSchema, request),
      self: selfOf(call),
      displayName: request.displayName,
      etag: parseEtag(request.etag),
    };
    return { user: toUser(await update(deps, command, call.signal)) };
  };
}
