import type { MethodImpl } from "@connectrpc/connect";
import {
  RequestPasswordResetRequestSchema,
  type UserService,
} from "@portcullis/contracts/portcullis/identity/v1/user_pb.ts";
import { openCallOf } from "@portcullis/service";
import { requestPasswordReset as ask } from "../domain/request-password-reset.ts";
import { emailKeyOf } from "../domain/user.ts";
import type { IdentityDeps } from "./deps.ts";
import { openMutationOf, originOf } from "./people-calls.ts";

export function requestPasswordReset(
  deps: IdentityDeps,
): MethodImpl<typeof UserService.method.requestPasswordReset> {
  return async (request, context) => {
    const call = openCallOf(context);
    const { email } = request;
    const mutation = openMutationOf(call, RequestPasswordResetRequestSchema, request, emailKeyOf(email));
    await ask(deps, { mutation, sourceIp: originOf(call).sourceIp, email }, call.signal);
    return {};
  };
}
