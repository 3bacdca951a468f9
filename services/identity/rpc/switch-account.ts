import type { MethodImpl } from "@connectrpc/connect";
import {
  type SignInService,
  SwitchAccountRequestSchema,
} from "@portcullis/contracts/portcullis/identity/v1/sign_in_pb.ts";
import { callOf } from "@portcullis/service";
import { switchAccount as go } from "../domain/switch-account.ts";
import type { IdentityDeps } from "./deps.ts";
import { originOf, selfOf, singleMutationOf, toSignedIn } from "./people-calls.ts";

export function switchAccount(deps: IdentityDeps): MethodImpl<typeof SignInService.method.switchAccount> {
  return async (request, context) => {
    const call = callOf(context);
    const command = {
      mutation: singleMutationOf(call, SwitchAccountRequestSchema, request),
      self: selfOf(call),
      origin: originOf(call),
      account: request.account,
    };
    return toSignedIn(await go(deps, command, call.signal));
  };
}
