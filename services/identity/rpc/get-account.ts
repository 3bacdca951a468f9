import type { MethodImpl } from "@connectrpc/connect";
import type { AccountService } from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import { callOf } from "@portcullis/service";
import { getAccount as read } from "../domain/get-account.ts";
import type { IdentityDeps } from "./deps.ts";
import { accountIdOf, toAccount } from "./messages.ts";

export function getAccount(deps: IdentityDeps): MethodImpl<typeof AccountService.method.getAccount> {
  return async (_request, context) => {
    const call = callOf(context);
    return { account: toAccount(await read(deps, accountIdOf(call), call.signal)) };
  };
}
