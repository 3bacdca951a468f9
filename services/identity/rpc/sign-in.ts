import type { MethodImpl } from "@connectrpc/connect";
import {
  SignInRequestSchema,
  type SignInService,
} from "@portcullis/contracts/portcullis/identity/v1/sign_in_pb.ts";
import { openCallOf } from "@portcullis/service";
import { signIn as enter } from "../domain/sign-in.ts";
import { emailKeyOf } from "../domain/user.ts";
import type { IdentityDeps } from "./deps.ts";
import { openMutationOf, originOf, toSignedIn } from "./people-calls.ts";

export function signIn(deps: IdentityDeps): MethodImpl<typeof SignInService.method.signIn> {
  return async (request, context) => {
    const call = openCallOf(context);
    const { email, password, code, account, invitationToken } = request;
    const withoutSecrets = { ...request, password: "", code: "", invitationToken: "", requestId: "" };
    const mutation = openMutationOf(call, SignInRequestSchema, withoutSecrets, emailKeyOf(email));
    const command = { mutation, origin: originOf(call), email, password, code, account, invitationToken };
    return toSignedIn(await enter(deps, command, call.signal));
  };
}
