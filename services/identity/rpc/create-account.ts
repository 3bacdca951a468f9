import type { MethodImpl } from "@connectrpc/connect";
import {
  type AccountService,
  CreateAccountRequestSchema,
} from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { createAccount as create } from "../domain/create-account.ts";
import type { IdentityDeps } from "./deps.ts";
import { toAccount } from "./messages.ts";

export function createAccount(deps: IdentityDeps): MethodImpl<typeof AccountService.method.createAccount> {
  return async (request, context) => {
    const call = callOf(context);
    const mutation = mutationOf(call, CreateAccountRequestSchema, request);
    const created = await create(deps, { mutation, displayName: request.displayName }, call.signal);
    return { account: toAccount(created) };
  };
}
