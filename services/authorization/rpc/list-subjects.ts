import type { MethodImpl } from "@connectrpc/connect";
import type { CheckService } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { callOf } from "@portcullis/service";
import type { AccessStore } from "../domain/decision-ports.ts";
import { parseAccountId } from "../domain/ids.ts";
import { listSubjects as list } from "../domain/list-subjects.ts";
import { parseObjectQuestion } from "./check-messages.ts";
import { parsePage } from "./messages.ts";

/** Lists who may. */
export function listSubjects(deps: {
  readonly access: AccessStore;
}): MethodImpl<typeof CheckService.method.listSubjects> {
  return async (request, context) => {
    const call = callOf(context);
    const accountId = parseAccountId(call.accountId);
    const permission = request.permissionId === "" ? undefined : request.permissionId;
    const question = { accountId, permission, object: parseObjectQuestion(request.object) };
    const minRevision = Number(request.minRevision);
    const found = await list(deps, accountId, question, parsePage(request), minRevision, call.signal);
    return {
      principalIds: [...found.principalIds],
      nextPageToken: found.nextToken,
      evaluatedRevision: BigInt(found.revision),
    };
  };
}
