import type { MethodImpl } from "@connectrpc/connect";
import {
  ConfirmEmailChangeRequestSchema,
  type UserService,
} from "@portcullis/contracts/portcullis/identity/v1/user_pb.ts";
import { openCallOf } from "@portcullis/service";
import { confirmEmailChange as confirm } from "../domain/confirm-email-change.ts";
import type { IdentityDeps } from "./deps.ts";
import { openMutationOf } from "./people-calls.ts";

export function confirmEmailChange(
  deps: IdentityDeps,
): MethodImpl<typeof UserService.method.confirmEmailChange> {
  return async (request, context) => {
    const call = openCallOf(context);
    const { token } = request;
    const mutation = openMutationOf(call, ConfirmEmailChangeRequestSchema, { ...request, token: "" }, token);
    await confirm(deps, { mutation, token }, call.signal);
    return {};
  };
}
