import type { MethodImpl } from "@connectrpc/connect";
import {
  ResetPasswordRequestSchema,
  type UserService,
} from "@portcullis/contracts/portcullis/identity/v1/user_pb.ts";
import { openCallOf } from "@portcullis/service";
import { resetPassword as reset } from "../domain/reset-password.ts";
import type { IdentityDeps } from "./deps.ts";
import { openMutationOf } from "./people-calls.ts";
import { receiptFor } from "./receipts.ts";

export function resetPassword(deps: IdentityDeps): MethodImpl<typeof UserService.method.resetPassword> {
  return async (request, context) => {
    const call = openCallOf(context);
    const { token, newPassword } = request;
    const withoutSecrets = { ...request, token: "", newPassword: "" };
    const mutation = openMutationOf(call, ResetPasswordRequestSchema, withoutSecrets, token);
    const revocation = await reset(deps, { mutation, token, newPassword }, call.signal);
    return receiptFor(deps, revocation);
  };
}
