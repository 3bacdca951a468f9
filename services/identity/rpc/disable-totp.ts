import type { MethodImpl } from "@connectrpc/connect";
import {
  DisableTotpRequestSchema,
  type UserService,
} from "@portcullis/contracts/portcullis/identity/v1/user_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { disableTotp as disable } from "../domain/disable-totp.ts";
import type { IdentityDeps } from "./deps.ts";
import { selfOf } from "./people-calls.ts";
import { receiptFor } from "./receipts.ts";

export function disableTotp(deps: IdentityDeps): MethodImpl<typeof UserService.method.disableTotp> {
  return async (request, context) => {
    const call = callOf(context);
    const { password, code } = request;
    const mutation = mutationOf(call, DisableTotpRequestSchema, { ...request, password: "", code: "" });
    const revocation = await disable(deps, { mutation, self: selfOf(call), password, code }, call.signal);
    return receiptFor(deps, revocation);
  };
}
