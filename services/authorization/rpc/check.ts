import type { MethodImpl } from "@connectrpc/connect";
import type { CheckService } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { callOf } from "@portcullis/service";
import { type CheckDeps, check } from "../domain/check.ts";
import { parsePrincipalRef } from "../domain/ids.ts";
import { parseObjectQuestion, toDecision } from "./check-messages.ts";

/** Decides whether a principal may. */
export function checkPermission(deps: CheckDeps): MethodImpl<typeof CheckService.method.check> {
  return async (request, context) => {
    const call = callOf(context);
    const { accountId = "", principalId = "" } = request.subject ?? {};
    const question = {
      subject: parsePrincipalRef(accountId, principalId),
      permission: request.permissionId === "" ? undefined : request.permissionId,
      object: parseObjectQuestion(request.object),
      // Not call.accountId: where the request names none, the subject's account is meant, not the caller's.
      accountId: request.accountId === "" ? accountId : request.accountId,
      minRevision: Number(request.minRevision),
    };
    const view = call.unrestricted
      ? ({ of: "every_account" } as const)
      : ({ of: "account", accountId: call.accountId } as const);
    const decision = await check(deps, view, question, call.signal);
    return { ...toDecision(decision), evaluatedRevision: BigInt(decision.revision) };
  };
}
