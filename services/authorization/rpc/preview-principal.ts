import type { MethodImpl } from "@connectrpc/connect";
import type { PrincipalEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/principal_enforcement_pb.ts";
import { callOf } from "@portcullis/service";
import { parsePrincipalRef } from "../domain/ids.ts";
import { previewPrincipal as preview } from "../domain/preview-principal.ts";
import type { DependentsStore } from "../domain/principal-ports.ts";

/** Counts what a principal would lose. */
export function previewPrincipal(deps: {
  readonly dependents: DependentsStore;
}): MethodImpl<typeof PrincipalEnforcementService.method.previewPrincipal> {
  return async (request, context) => {
    const call = callOf(context);
    const ref = parsePrincipalRef(call.accountId, request.principalId);
    const dependents = await preview(deps, ref, call.signal);
    return { dependents: dependents.map(({ kind, count }) => ({ kind, count: BigInt(count) })) };
  };
}
