import type { MethodImpl } from "@connectrpc/connect";
import {
  ConfirmSecondFactorRequestSchema,
  type SignInService,
} from "@portcullis/contracts/portcullis/identity/v1/sign_in_pb.ts";
import { openCallOf } from "@portcullis/service";
import { confirmSecondFactor as confirm } from "../domain/second-factor-by-password.ts";
import { emailKeyOf } from "../domain/user.ts";
import type { IdentityDeps } from "./deps.ts";
import { openMutationOf, originOf } from "./people-calls.ts";
import { receiptFor } from "./receipts.ts";

export function confirmSecondFactor(
  deps: IdentityDeps,
): MethodImpl<typeof SignInService.method.confirmSecondFactor> {
  return async (request, context) => {
    const call = openCallOf(context);
    const { email, password } = request;
    const withoutSecrets = { ...request, password: "", code: "", requestId: "" };
    const mutation = openMutationOf(
      call,
      ConfirmSecondFactorRequestSchema,
      withoutSecrets,
      emailKeyOf(email),
    );
    const command = { mutation, origin: originOf(call), email, password };
    const { value: codes, revocation } = await confirm(deps, { ...command, code: request.code }, call.signal);
    return { recoveryCodes: [...codes], ...(await receiptFor(deps, revocation)) };
  };
}
