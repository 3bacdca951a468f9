import type { MethodImpl } from "@connectrpc/connect";
import {
  CreateServiceUserRequestSchema,
  type ServiceUserService,
} from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { createServiceUser as create } from "../domain/create-service-user.ts";
import type { IdentityDeps } from "./deps.ts";
import { accountIdOf, toServiceUser } from "./messages.ts";

export function createServiceUser(
  deps: IdentityDeps,
): MethodImpl<typeof ServiceUserService.method.createServiceUser> {
  return async (request, context) => {
    const call = callOf(context);
    const command = {
      mutation: mutationOf(call, CreateServiceUserRequestSchema, request),
      accountId: accountIdOf(call),
      name: request.name,
      description: request.description,
    };
    return { serviceUser: toServiceUser(await create(deps, command, call.signal)) };
  };
}
