import type { MethodImpl } from "@connectrpc/connect";
import {
  RequestEmailChangeRequestSchema,
  type UserService,
} from "@portcullis/contracts/portcullis/identity/v1/user_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { requestEmailChange as ask } from "../domain/request-email-change.ts";
import type { IdentityDeps } from "./deps.ts";
import { selfOf } from "./people-calls.ts";

export function requestEmailChange(
  deps: IdentityDeps,
): MethodImpl<typeof UserService.method.requestEmailChange> {
  return async (request, context) => {
    const call = callOf(context);
    const { password, newEmail } = request;
    const mutation = mutationOf(call, RequestEmailChangeRequestSchema, { ...request, password: "" });
    await ask(deps, { mutation, self: selfOf(call), password, newEmail }, call.signal);
    return {};
  };
}
