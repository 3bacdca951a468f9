import type { MethodImpl } from "@connectrpc/connect";
import type { CheckService } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { callOf } from "@portcullis/service";
import type { SubjectStore } from "../domain/decision-ports.ts";
import { parsePrincipalRef } from "../domain/ids.ts";
import { listPermissions as list } from "../domain/list-permissions.ts";
import { toSource } from "./check-messages.ts";

/** Lists what a principal holds, and why. */
export function listPermissions(deps: {
  readonly subjects: SubjectStore;
}): MethodImpl<typeof CheckService.method.listPermissions> {
  return async (request, context) => {
    const call = callOf(context);
    const ref = parsePrincipalRef(call.accountId, request.principalId);
    const { permissions, revision } = await list(deps, ref, Number(request.minRevision), call.signal);
    return {
      permissions: permissions.map(({ permissionId, sources }) => ({
        permissionId,
        sources: sources.map(toSource),
      })),
      evaluatedRevision: BigInt(revision),
    };
  };
}
