import type { MethodImpl } from "@connectrpc/connect";
import type { GuardService } from "@portcullis/contracts/portcullis/authorization/v1/guard_pb.ts";
import { ErrorReason } from "@portcullis/contracts/portcullis/common/v1/error_reason_pb.ts";
import { callOf } from "@portcullis/service";
import { checkMemberChange as check } from "../domain/check-member-change.ts";
import { parseAccountId } from "../domain/ids.ts";
import type { UnitOfWork } from "../domain/ports.ts";
import { parseMemberChange } from "./member-messages.ts";

/** Decides whether somebody may invite, disable, enable or remove a member. */
export function checkMemberChange(deps: {
  readonly work: UnitOfWork;
}): MethodImpl<typeof GuardService.method.checkMemberChange> {
  return async (request, context) => {
    const call = callOf(context);
    const accountId = parseAccountId(call.accountId);
    const { accountId: actorAccount = "", principalId = "" } = request.actor ?? {};
    const actor = { accountId: actorAccount, principalId };
    const change = parseMemberChange(request);
    const refusal = await check(deps, accountId, actor, change, call.signal);
    if (refusal === undefined) return { allowed: true };
    return { allowed: false, reason: ErrorReason[refusal.reason], message: refusal.message };
  };
}
