import type { MethodImpl } from "@connectrpc/connect";
import {
  ChangePasswordRequestSchema,
  type UserService,
} from "@portcullis/contracts/portcullis/identity/v1/user_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { changePassword as change } from "../domain/change-password.ts";
import type { IdentityDeps } from "./deps.ts";
import { selfOf } from "./people-calls.ts";
import { receiptFor } from "./receipts.ts";

export function changePassword(deps: IdentityDeps): MethodImpl<typeof UserService.method.changePassword> {
  return async (request, context) => {
    const call = callOf(context);
    const { currentPassword, newPassword } = request;
    const withoutSecrets = { ...request, currentPassword: "", newPassword: "" };
    const mutation = mutationOf(call, ChangePasswordRequestSchema, withoutSecrets);
    const revocation = await change(
      deps,
      { mutation, self: selfOf(call), currentPassword, newPassword },
      call.signal,
    );
    return receiptFor(deps, revocation);
  };
}
