import type { MethodImpl } from "@connectrpc/connect";
import type { AccountEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/account_enforcement_pb.ts";
import { callOf } from "@portcullis/service";
import { applyAccount as apply } from "../domain/apply-account.ts";
import { parseAccount, wireOfState } from "./account-messages.ts";
import type { CredentialDeps } from "./deps.ts";
import { enforcementOf } from "./receipts.ts";

export function applyAccount(
  deps: CredentialDeps,
): MethodImpl<typeof AccountEnforcementService.method.applyAccount> {
  return async (request, context) => {
    const { value: inForce, effect } = await apply(deps, parseAccount(request), callOf(context).signal);
    return {
      appliedVersion: BigInt(inForce.version),
      appliedState: wireOfState[inForce.state],
      ...(effect === undefined ? {} : { enforcement: enforcementOf(effect) }),
    };
  };
}
