import type { MethodImpl } from "@connectrpc/connect";
import {
  SignUpRequestSchema,
  type UserService,
} from "@portcullis/contracts/portcullis/identity/v1/user_pb.ts";
import { openCallOf } from "@portcullis/service";
import { signUp as create } from "../domain/sign-up.ts";
import { emailKeyOf } from "../domain/user.ts";
import type { IdentityDeps } from "./deps.ts";
import { parseName } from "./messages.ts";
import { openMutationOf, originOf } from "./people-calls.ts";

export function signUp(deps: IdentityDeps): MethodImpl<typeof UserService.method.signUp> {
  return async (request, context) => {
    const call = openCallOf(context);
    const { email, password, displayName, invitationToken } = request;
    const accountDisplayName =
      invitationToken === "" ? parseName("account_display_name", request.accountDisplayName) : "";
    const mutation = openMutationOf(
      call,
      SignUpRequestSchema,
      { ...request, password: "" },
      emailKeyOf(email),
    );
    const { sourceIp } = originOf(call);
    const names = { displayName, accountDisplayName };
    await create(deps, { mutation, sourceIp, email, password, invitationToken, ...names }, call.signal);
    return {};
  };
}
