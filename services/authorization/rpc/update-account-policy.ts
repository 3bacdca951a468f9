import type { MethodImpl } from "@connectrpc/connect";
import {
  type PolicyService,
  UpdateAccountPolicyRequestSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/policy_pb.ts";
import { callOf, mutationOf, type ReceiptBook } from "@portcullis/service";
import { parseAccountId } from "../domain/ids.ts";
import { type PolicyDeps, updateAccountPolicy as update } from "../domain/update-account-policy.ts";
import { parseEtag } from "./messages.ts";
import { parsePolicyChanges, toPolicy } from "./policy-messages.ts";
import { toReceipt } from "./receipts.ts";

/** Changes the account's policy. */
export function updateAccountPolicy(
  deps: PolicyDeps & { readonly receipts: ReceiptBook },
): MethodImpl<typeof PolicyService.method.updateAccountPolicy> {
  return async (request, context) => {
    const call = callOf(context);
    const changes = parsePolicyChanges(request);
    const mutation = mutationOf(call, UpdateAccountPolicyRequestSchema, request);
    const command = { accountId: parseAccountId(call.accountId), etag: parseEtag(request.etag) };
    const { value, effect } = await update(deps, mutation, command, changes, call.signal);
    const receipt = await toReceipt(deps, call, "policy.update", value.accountId, effect);
    return { policy: toPolicy(value), ...receipt };
  };
}
