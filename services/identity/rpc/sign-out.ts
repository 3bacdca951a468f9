import type { MethodImpl } from "@connectrpc/connect";
import {
  type SignInService,
  SignOutRequestSchema,
} from "@portcullis/contracts/portcullis/identity/v1/sign_in_pb.ts";
import { callOf } from "@portcullis/service";
import { signOut as leave } from "../domain/sign-out.ts";
import type { IdentityDeps } from "./deps.ts";
import { selfOf, singleMutationOf } from "./people-calls.ts";
import { receiptFor } from "./receipts.ts";

export function signOut(deps: IdentityDeps): MethodImpl<typeof SignInService.method.signOut> {
  return async (request, context) => {
    const call = callOf(context);
    const mutation = singleMutationOf(call, SignOutRequestSchema, request);
    const revocation = await leave(deps, { mutation, self: selfOf(call) }, call.signal);
    return receiptFor(deps, revocation);
  };
}
