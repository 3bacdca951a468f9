import type { MethodImpl } from "@connectrpc/connect";
import type { CheckService } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { callOf } from "@portcullis/service";
import { batchCheck as check } from "../domain/batch-check.ts";
import type { CheckDeps } from "../domain/check.ts";
import { parseAccountId, parsePrincipalId } from "../domain/ids.ts";
import { parseObjectQuestion, toDecision } from "./check-messages.ts";

/** Decides many questions about one account. */
export function batchCheck(deps: CheckDeps): MethodImpl<typeof CheckService.method.batchCheck> {
  return async (request, context) => {
    const call = callOf(context);
    const items = request.items.map(({ principalId, permissionId, object }) => ({
      principalId: parsePrincipalId(principalId),
      permission: permissionId === "" ? undefined : permissionId,
      object: parseObjectQuestion(object),
    }));
    const minRevision = Number(request.minRevision);
    const found = await check(deps, parseAccountId(call.accountId), items, minRevision, call.signal);
    return { results: found.decisions.map(toDecision), evaluatedRevision: BigInt(found.revision) };
  };
}
