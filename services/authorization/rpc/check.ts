import type { MessageInitShape } from "@bufbuild/protobuf";
import type { MethodImpl } from "@connectrpc/connect";
import {
  CheckReason,
  type CheckRequest,
  type CheckResponseSchema,
  type CheckService,
} from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { type Call, callOf } from "@portcullis/service";
import { checkLater, checkNow, type EvaluatedDecision, type View } from "../domain/check.ts";
import { type CheckTokenDeps, checkToken } from "../domain/check-token.ts";
import { parsePrincipalRef } from "../domain/ids.ts";
import { parseObjectQuestion, toBasis, toCacheAdvice, toDecision } from "./check-messages.ts";

/** What a check needs to know of the call that asks. */
export type CheckCall = Pick<Call, "unrestricted" | "accountId" | "signal">;

type Answer = MessageInitShape<typeof CheckResponseSchema>;

/** Decides whether a principal may, or whoever holds a token. */
export function checkPermission(deps: CheckTokenDeps): MethodImpl<typeof CheckService.method.check> {
  return async (request, context) => answerCheck(deps, request, callOf(context));
}

/** The same for any door; at once where memory can tell. */
export function answerCheck(
  deps: CheckTokenDeps,
  request: CheckRequest,
  call: CheckCall,
): Answer | Promise<Answer> {
  return request.token === "" ? checkSubject(deps, request, call) : checkHolder(deps, request, call);
}

function checkSubject(
  deps: CheckTokenDeps,
  request: CheckRequest,
  call: CheckCall,
): Answer | Promise<Answer> {
  const { accountId = "", principalId = "" } = request.subject ?? {};
  const question = {
    ...parseQuestion(request),
    subject: parsePrincipalRef(accountId, principalId),
    // Not call.accountId: where the request names none, the subject's account is meant, not the caller's.
    accountId: request.accountId === "" ? accountId : request.accountId,
  };
  const answer = (decision: EvaluatedDecision) => ({
    ...toDecision(decision),
    ...toBasis(decision.basis),
    ...(request.forCache ? toCacheAdvice(decision, decision.basis) : {}),
  });
  const view = viewOf(call);
  const known = checkNow(deps, view, question);
  return known === undefined ? checkLater(deps, view, question, call.signal).then(answer) : answer(known);
}

async function checkHolder(deps: CheckTokenDeps, request: CheckRequest, call: CheckCall): Promise<Answer> {
  const question = {
    ...parseQuestion(request),
    token: request.token,
    sourceIp: request.sourceIp,
    accountId: request.accountId === "" ? undefined : request.accountId,
  };
  const found = await checkToken(deps, viewOf(call), question, call.signal);
  if (!found.isGood) return { allowed: false, reason: CheckReason.TOKEN_REFUSED };
  const { decision, subject } = found;
  return { ...toDecision(decision), ...toBasis(decision.basis), subject };
}

function parseQuestion(request: CheckRequest) {
  return {
    permission: request.permissionId === "" ? undefined : request.permissionId,
    object: parseObjectQuestion(request.object),
    minRevision: Number(request.minRevision),
  };
}

/** Services and operators may ask about every account, others about their own. */
export function viewOf(call: Pick<Call, "unrestricted" | "accountId">): View {
  return call.unrestricted ? { of: "every_account" } : { of: "account", accountId: call.accountId };
}
