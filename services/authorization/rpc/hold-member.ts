import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { MethodImpl } from "@connectrpc/connect";
import type { GuardService } from "@portcullis/contracts/portcullis/authorization/v1/guard_pb.ts";
import { callOf } from "@portcullis/service";
import { holdMember as hold } from "../domain/hold-member.ts";
import { parseAccountId, parsePrincipalRef } from "../domain/ids.ts";
import type { UnitOfWork } from "../domain/ports.ts";

/** Takes a member who is about to go out of the count of active administrators. */
export function holdMember(deps: {
  readonly work: UnitOfWork;
}): MethodImpl<typeof GuardService.method.holdMember> {
  return async (request, context) => {
    const call = callOf(context);
    const ref = parsePrincipalRef(parseAccountId(call.accountId), request.principalId);
    const until = await hold(deps, call.caller, ref, Number(request.version), call.signal);
    return until === undefined ? {} : { expireTime: timestampFromDate(until) };
  };
}
