import type { MethodImpl } from "@connectrpc/connect";
import type { CheckService } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { callOf } from "@portcullis/service";
import { batchCheck as check } from "../domain/batch-check.ts";
import type { CheckDeps } from "../domain/check.ts";
import { parseAccountId, parsePrincipalId } from "../domain/ids.ts";
import { parseObjectQuestion, toBasis, toCacheAdvice, toDecision } from "./check-messages.ts";

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
    const { decisions, basis } = await check(
      deps,
      parseAccountId(call.accountId),
      items,
      minRevision,
      call.signal,
    );
    const results = decisions.map((decision) => ({
      ...toDecision(decision),
      ...(request.forCache ? toCacheAdvice(decision, basis) : {}),
    }));
    return { results, ...toBasis(basis) };
  };
}
