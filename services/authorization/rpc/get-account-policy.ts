import type { MethodImpl } from "@connectrpc/connect";
import type { PolicyService } from "@portcullis/contracts/portcullis/authorization/v1/policy_pb.ts";
import { callOf } from "@portcullis/service";
import { getAccountPolicy as get } from "../domain/get-account-policy.ts";
import { parseAccountId } from "../domain/ids.ts";
import type { PolicyStore } from "../domain/policy-ports.ts";
import { toPolicy } from "./policy-messages.ts";

/** Reads the account's policy. */
export function getAccountPolicy(deps: {
  readonly policies: PolicyStore;
}): MethodImpl<typeof PolicyService.method.getAccountPolicy> {
  return async (request, context) => {
    const call = callOf(context);
    const accountId = parseAccountId(call.accountId);
    return { policy: toPolicy(await get(deps, accountId, call.signal)) };
  };
}
