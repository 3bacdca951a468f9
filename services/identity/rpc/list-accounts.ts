import type { MethodImpl } from "@connectrpc/connect";
import type { AccountService } from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import { callOf } from "@portcullis/service";
import type { IdentityDeps } from "./deps.ts";
import { parsePage, toAccount } from "./messages.ts";

export function listAccounts(deps: IdentityDeps): MethodImpl<typeof AccountService.method.listAccounts> {
  return async (request, context) => {
    const page = await deps.accounts.list(parsePage(request), callOf(context).signal);
    return { accounts: page.items.map(toAccount), nextPageToken: page.nextToken };
  };
}
