import type { MethodImpl } from "@connectrpc/connect";
import {
  EnrolSecondFactorRequestSchema,
  type SignInService,
} from "@portcullis/contracts/portcullis/identity/v1/sign_in_pb.ts";
import { openCallOf } from "@portcullis/service";
import { enrolSecondFactor as enrol } from "../domain/second-factor-by-password.ts";
import { emailKeyOf } from "../domain/user.ts";
import type { IdentityDeps } from "./deps.ts";
import { openMutationOf, originOf } from "./people-calls.ts";

export function enrolSecondFactor(
  deps: IdentityDeps,
): MethodImpl<typeof SignInService.method.enrolSecondFactor> {
  return async (request, context) => {
    const call = openCallOf(context);
    const { email, password } = request;
    const withoutSecrets = { ...request, password: "", requestId: "" };
    const mutation = openMutationOf(call, EnrolSecondFactorRequestSchema, withoutSecrets, emailKeyOf(email));
    const command = { mutation, origin: originOf(call), email, password };
    const { secret, uri } = await enrol(deps, command, call.signal);
    return { secret, otpauthUri: uri };
  };
}
