import type { MethodImpl } from "@connectrpc/connect";
import type { PrincipalEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/principal_enforcement_pb.ts";
import { callOf } from "@portcullis/service";
import { type ApplyPrincipalDeps, applyPrincipal as apply } from "../domain/apply-principal.ts";
import { enforcementNow } from "./enforcement.ts";
import { parsePrincipal, wireOfState } from "./messages.ts";

/** Enforces what identity tells of a principal. */
export function applyPrincipal(
  deps: ApplyPrincipalDeps,
): MethodImpl<typeof PrincipalEnforcementService.method.applyPrincipal> {
  return async (request, context) => {
    const call = callOf(context);
    const inForce = await apply(deps, call.caller, parsePrincipal(request.principal), call.signal);
    return {
      appliedVersion: BigInt(inForce.version),
      appliedState: wireOfState[inForce.state],
      appliedSuperAdmin: inForce.superAdmin,
      enforcement: enforcementNow(),
    };
  };
}
