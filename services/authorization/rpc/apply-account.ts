import type { MethodImpl } from "@connectrpc/connect";
import type { AccountEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/account_enforcement_pb.ts";
import { callOf } from "@portcullis/service";
import { applyAccount as apply } from "../domain/apply-account.ts";
import type { UnitOfWork } from "../domain/ports.ts";
import { parseAccount, wireOfAccountState } from "./account-messages.ts";
import { enforcementOf } from "./receipts.ts";

/** Enforces what identity tells of an account. */
export function applyAccount(deps: {
  readonly work: UnitOfWork;
}): MethodImpl<typeof AccountEnforcementService.method.applyAccount> {
  return async (request, context) => {
    const call = callOf(context);
    const { value: inForce, effect } = await apply(deps, call.caller, parseAccount(request), call.signal);
    return {
      appliedVersion: BigInt(inForce.version),
      appliedState: wireOfAccountState[inForce.state],
      ...(effect === undefined ? {} : { enforcement: enforcementOf(effect) }),
    };
  };
}
