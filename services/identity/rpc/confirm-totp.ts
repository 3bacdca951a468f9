import type { MethodImpl } from "@connectrpc/connect";
import {
  ConfirmTotpRequestSchema,
  type UserService,
} from "@portcullis/contracts/portcullis/identity/v1/user_pb.ts";
import { callOf } from "@portcullis/service";
import { confirmTotp as confirm } from "../domain/confirm-totp.ts";
import type { IdentityDeps } from "./deps.ts";
import { selfOf, singleMutationOf } from "./people-calls.ts";
import { receiptFor } from "./receipts.ts";

export function confirmTotp(deps: IdentityDeps): MethodImpl<typeof UserService.method.confirmTotp> {
  return async (request, context) => {
    const call = callOf(context);
    const mutation = singleMutationOf(call, ConfirmTotpRequestSchema, request);
    const { value: codes, revocation } = await confirm(
      deps,
      { mutation, self: selfOf(call), code: request.code },
      call.signal,
    );
    return { recoveryCodes: [...codes], ...(await receiptFor(deps, revocation)) };
  };
}
