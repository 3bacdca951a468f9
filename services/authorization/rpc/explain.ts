import type { MethodImpl } from "@connectrpc/connect";
import type { CheckService } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { callOf } from "@portcullis/service";
import type { SubjectStore } from "../domain/decision-ports.ts";
import { explain as why } from "../domain/explain.ts";
import { parseAccountId, parsePrincipalId } from "../domain/ids.ts";
import { parseObjectQuestion, toExplanation } from "./check-messages.ts";
import { invalid } from "./messages.ts";

/** Tells why a check is answered as it is. */
export function explain(deps: {
  readonly subjects: SubjectStore;
}): MethodImpl<typeof CheckService.method.explain> {
  return async (request, context) => {
    const call = callOf(context);
    const accountId = parseAccountId(call.accountId);
    const principalId = parsePrincipalId(request.principalId);
    if (principalId === undefined) throw invalid("principal_id", "must be an id");
    const question = {
      subject: { accountId, principalId },
      accountId,
      permission: request.permissionId === "" ? undefined : request.permissionId,
      object: parseObjectQuestion(request.object),
    };
    return toExplanation(await why(deps, question, Number(request.minRevision), call.signal));
  };
}
