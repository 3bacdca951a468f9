import type { MethodImpl } from "@connectrpc/connect";
import type { UserService } from "@portcullis/contracts/portcullis/identity/v1/user_pb.ts";
import { callOf } from "@portcullis/service";
import { getUser as read } from "../domain/get-user.ts";
import type { IdentityDeps } from "./deps.ts";
import { selfOf, toUser } from "./people-calls.ts";

export function getUser(deps: IdentityDeps): MethodImpl<typeof UserService.method.getUser> {
  return async (_request, context) => {
    const call = callOf(context);
    return { user: toUser(await read(deps, selfOf(call), call.signal)) };
  };
}
