import type { MethodImpl } from "@connectrpc/connect";
import type { AccountEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/account_enforcement_pb.ts";
import { callOf } from "@portcullis/service";
import { previewAccount as preview } from "../domain/preview-account.ts";
import type { CredentialDeps } from "./deps.ts";
import { accountIdOf } from "./messages.ts";

export function previewAccount(
  deps: CredentialDeps,
): MethodImpl<typeof AccountEnforcementService.method.previewAccount> {
  return async (_request, context) => {
    const call = callOf(context);
    const dependents = await preview(deps, accountIdOf(call), call.signal);
    return { dependents: dependents.map(({ kind, count }) => ({ kind, count: BigInt(count) })) };
  };
}
