import type { MethodImpl } from "@connectrpc/connect";
import type { AccountService } from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import { callOf } from "@portcullis/service";
import { checkFeature as check } from "../domain/check-feature.ts";
import type { IdentityDeps } from "./deps.ts";
import { accountIdOf } from "./messages.ts";

export function checkFeature(deps: IdentityDeps): MethodImpl<typeof AccountService.method.checkFeature> {
  return async (request, context) => {
    const call = callOf(context);
    return { allowed: await check(deps, accountIdOf(call), request.feature, call.signal) };
  };
}
