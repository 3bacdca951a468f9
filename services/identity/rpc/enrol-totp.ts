import type { MethodImpl } from "@connectrpc/connect";
import {
  EnrolTotpRequestSchema,
  type UserService,
} from "@portcullis/contracts/portcullis/identity/v1/user_pb.ts";
import { callOf } from "@portcullis/service";
import { enrolTotp as enrol } from "../domain/enrol-totp.ts";
import type { IdentityDeps } from "./deps.ts";
import { selfOf, singleMutationOf } from "./people-calls.ts";

export function enrolTotp(deps: IdentityDeps): MethodImpl<typeof UserService.method.enrolTotp> {
  return async (request, context) => {
    const call = callOf(context);
    const mutation = singleMutationOf(call, EnrolTotpRequestSchema, request);
    const command = { mutation, self: selfOf(call), password: request.password };
    const { secret, uri } = await enrol(deps, command, call.signal);
    return { secret, otpauthUri: uri };
  };
}
