import type { MethodImpl } from "@connectrpc/connect";
import type { AccountEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/account_enforcement_pb.ts";
import { callOf } from "@portcullis/service";
import { parseAccountId } from "../domain/ids.ts";
import { previewAccount as preview } from "../domain/preview-account.ts";
import type { DependentsStore } from "../domain/principal-ports.ts";

/** Counts what would not count in an account. */
export function previewAccount(deps: {
  readonly dependents: DependentsStore;
}): MethodImpl<typeof AccountEnforcementService.method.previewAccount> {
  return async (_request, context) => {
    const call = callOf(context);
    const dependents = await preview(deps, parseAccountId(call.accountId), call.signal);
    return { dependents: dependents.map(({ kind, count }) => ({ kind, count: BigInt(count) })) };
  };
}
