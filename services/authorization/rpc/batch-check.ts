import type { MessageInitShape } from "@bufbuild/protobuf";
import type { MethodImpl } from "@connectrpc/connect";
import type {
  BatchCheckRequest,
  BatchCheckResponseSchema,
  CheckService,
} from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { callOf } from "@portcullis/service";
import { type BatchDecisions, batchCheck as check } from "../domain/batch-check.ts";
import type { CheckDeps } from "../domain/check.ts";
import { parseAccountId, parsePrincipalId } from "../domain/ids.ts";
import type { CheckCall } from "./check.ts";
import { parseObjectQuestion, toBasis, toCacheAdvice, toDecision } from "./check-messages.ts";

type Answer = MessageInitShape<typeof BatchCheckResponseSchema>;

/** Decides many questions about one account. */
export function batchCheck(deps: CheckDeps): MethodImpl<typeof CheckService.method.batchCheck> {
  return async (request, context) => answerBatchCheck(deps, request, callOf(context));
}

/** The same for any door; at once where memory can tell of all. */
export function answerBatchCheck(
  deps: CheckDeps,
  request: BatchCheckRequest,
  call: CheckCall,
): Answer | Promise<Answer> {
  const items = request.items.map(({ principalId, permissionId, object }) => ({
    principalId: parsePrincipalId(principalId),
    permission: permissionId === "" ? undefined : permissionId,
    object: parseObjectQuestion(object),
  }));
  const minRevision = Number(request.minRevision);
  const answer = ({ decisions, basis }: BatchDecisions) => ({
    results: decisions.map((decision) => ({
      ...toDecision(decision),
      ...(request.forCache ? toCacheAdvice(decision, basis) : {}),
    })),
    ...toBasis(basis),
  });
  const known = check(deps, parseAccountId(call.accountId), items, minRevision, call);
  return known instanceof Promise ? known.then(answer) : answer(known);
}
