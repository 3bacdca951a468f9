import type { MethodImpl } from "@connectrpc/connect";
import type { ObjectService } from "@portcullis/contracts/portcullis/authorization/v1/object_pb.ts";
import { callOf } from "@portcullis/service";
import type { CheckDeps } from "../domain/check.ts";
import { getObjectAccess as get } from "../domain/get-object-access.ts";
import { parseAccountId } from "../domain/ids.ts";
import type { ObjectStore } from "../domain/object-ports.ts";
import { parseObjectRef } from "./check-messages.ts";
import { toObjectAccess, viewerOf } from "./object-messages.ts";

/** Tells who an object is open to. */
export function getObjectAccess(
  deps: CheckDeps & { readonly objects: ObjectStore },
): MethodImpl<typeof ObjectService.method.getObjectAccess> {
  return async (request, context) => {
    const call = callOf(context);
    const key = { accountId: parseAccountId(call.accountId), ...parseObjectRef(request) };
    return { access: toObjectAccess(await get(deps, viewerOf(call), key, call.signal)) };
  };
}
