import type { MethodImpl } from "@connectrpc/connect";
import type { PrincipalEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/principal_enforcement_pb.ts";
import { callOf } from "@portcullis/service";
import { parsePrincipalId } from "../domain/ids.ts";
import { previewPrincipal as preview } from "../domain/preview-principal.ts";
import type { CredentialDeps } from "./deps.ts";
import { accountIdOf } from "./messages.ts";

export function previewPrincipal(
  deps: CredentialDeps,
): MethodImpl<typeof PrincipalEnforcementService.method.previewPrincipal> {
  return async (request, context) => {
    const call = callOf(context);
    const ref = { accountId: accountIdOf(call), principalId: parsePrincipalId(request.principalId) };
    const dependents = await preview(deps, ref, call.signal);
    return { dependents: dependents.map(({ kind, count }) => ({ kind, count: BigInt(count) })) };
  };
}
