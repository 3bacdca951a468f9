import type { MethodImpl } from "@connectrpc/connect";
import type { CheckService } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { callOf } from "@portcullis/service";
import type { AccessStore } from "../domain/decision-ports.ts";
import { parsePrincipalRef } from "../domain/ids.ts";
import { listObjects as list } from "../domain/list-objects.ts";
import { accountOfStream, parseObjectsWanted } from "./list-messages.ts";

/** Lists what a principal may view or modify, in pages. */
export function listObjects(deps: {
  readonly access: AccessStore;
}): MethodImpl<typeof CheckService.method.listObjects> {
  return async function* (request, context) {
    const call = callOf(context);
    const subject = parsePrincipalRef(accountOfStream(call, request.accountId), request.principalId);
    for await (const page of list(deps, subject, parseObjectsWanted(request), call.signal)) {
      yield { objectIds: [...page.objectIds], evaluatedRevision: BigInt(page.revision) };
    }
  };
}
