import type { MethodImpl } from "@connectrpc/connect";
import {
  CheckReason,
  type CheckRequest,
  type CheckService,
} from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { type Call, callOf } from "@portcullis/service";
import { check, type View } from "../domain/check.ts";
import { type CheckTokenDeps, checkToken } from "../domain/check-token.ts";
import { parsePrincipalRef } from "../domain/ids.ts";
import { parseObjectQuestion, toBasis, toCacheAdvice, toDecision } from "./check-messages.ts";

/** Decides whether a principal may, or whoever holds a token. */
export function checkPermission(deps: CheckTokenDeps): MethodImpl<typeof CheckService.method.check> {
  return async (request, context) => {
    const call = callOf(context);
    return request.token === "" ? checkSubject(deps, request, call) : checkHolder(deps, request, call);
  };
}

async function checkSubject(deps: CheckTokenDeps, request: CheckRequest, call: Call) {
  const { accountId = "", principalId = "" } = request.subject ?? {};
  const question = {
    ...parseQuestion(request),
    subject: parsePrincipalRef(accountId, principalId),
    // Not call.accountId: where the request names none, the subject's account is meant, not the caller's.
    accountId: request.accountId === "" ? accountId : request.accountId,
  };
  const decision = await check(deps, viewOf(call), question, call.signal);
  return {
    ...toDecision(decision),
    ...toBasis(decision.basis),
    ...(request.forCache ? toCacheAdvice(decision, decision.basis) : {}),
  };
}

async function checkHolder(deps: CheckTokenDeps, request: CheckRequest, call: Call) {
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

function viewOf(call: Call): View {
  return call.unrestricted ? { of: "every_account" } : { of: "account", accountId: call.accountId };
}
