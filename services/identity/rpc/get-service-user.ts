import type { MethodImpl } from "@connectrpc/connect";
import type { ServiceUserService } from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import { callOf } from "@portcullis/service";
import { getServiceUser as read } from "../domain/get-service-user.ts";
import type { IdentityDeps } from "./deps.ts";
import { accountIdOf, parseServiceUserRef, toServiceUser } from "./messages.ts";

export function getServiceUser(
  deps: IdentityDeps,
): MethodImpl<typeof ServiceUserService.method.getServiceUser> {
  return async (request, context) => {
    const call = callOf(context);
    const found = await read(
      deps,
      accountIdOf(call),
      parseServiceUserRef(request.serviceUserId),
      call.signal,
    );
    return { serviceUser: toServiceUser(found) };
  };
}
