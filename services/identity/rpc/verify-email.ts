import type { MethodImpl } from "@connectrpc/connect";
import {
  type UserService,
  VerifyEmailRequestSchema,
} from "@portcullis/contracts/portcullis/identity/v1/user_pb.ts";
import { openCallOf } from "@portcullis/service";
import { verifyEmail as verify } from "../domain/verify-email.ts";
import type { IdentityDeps } from "./deps.ts";
import { openMutationOf } from "./people-calls.ts";

export function verifyEmail(deps: IdentityDeps): MethodImpl<typeof UserService.method.verifyEmail> {
  return async (request, context) => {
    const call = openCallOf(context);
    const { token } = request;
    const mutation = openMutationOf(call, VerifyEmailRequestSchema, { ...request, token: "" }, token);
    await verify(deps, { mutation, token }, call.signal);
    return {};
  };
}
