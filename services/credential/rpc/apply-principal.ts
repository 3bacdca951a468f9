import type { MethodImpl } from "@connectrpc/connect";
import type { PrincipalEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/principal_enforcement_pb.ts";
import { callOf } from "@portcullis/service";
import { applyPrincipal as apply } from "../domain/apply-principal.ts";
import type { CredentialDeps } from "./deps.ts";
import { parsePrincipal, wireOfState } from "./principal-messages.ts";
import { enforcementOf } from "./receipts.ts";

export function applyPrincipal(
  deps: CredentialDeps,
): MethodImpl<typeof PrincipalEnforcementService.method.applyPrincipal> {
  return async (request, context) => {
    const { value: inForce, effect } = await apply(
      deps,
      parsePrincipal(request.principal),
      callOf(context).signal,
    );
    return {
      appliedVersion: BigInt(inForce.version),
      appliedState: wireOfState[inForce.state],
      ...(effect === undefined ? {} : { enforcement: enforcementOf(effect) }),
    };
  };
}
