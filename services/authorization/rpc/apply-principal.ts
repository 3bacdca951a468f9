import type { MethodImpl } from "@connectrpc/connect";
import type { PrincipalEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/principal_enforcement_pb.ts";
import { callOf } from "@portcullis/service";
import { type ApplyPrincipalDeps, applyPrincipal as apply } from "../domain/apply-principal.ts";
import { parsePrincipal, wireOfState } from "./messages.ts";
import { enforcementOf } from "./receipts.ts";

/** Enforces what identity tells of a principal. */
export function applyPrincipal(
  deps: ApplyPrincipalDeps,
): MethodImpl<typeof PrincipalEnforcementService.method.applyPrincipal> {
  return async (request, context) => {
    const call = callOf(context);
    const told = parsePrincipal(request.principal);
    const { value: inForce, effect } = await apply(deps, call.caller, told, call.signal);
    return {
      appliedVersion: BigInt(inForce.version),
      appliedState: wireOfState[inForce.state],
      appliedSuperAdmin: inForce.superAdmin,
      ...(effect === undefined ? {} : { enforcement: enforcementOf(effect) }),
    };
  };
}
