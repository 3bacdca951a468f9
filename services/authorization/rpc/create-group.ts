import type { MethodImpl } from "@connectrpc/connect";
import {
  CreateGroupRequestSchema,
  type GroupService,
} from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { createGroup as create, type GroupDeps } from "../domain/create-group.ts";
import { parseAccountId } from "../domain/ids.ts";
import { toGroup } from "./group-messages.ts";
import { toRevision } from "./receipts.ts";

/** Creates a group. */
export function createGroup(deps: GroupDeps): MethodImpl<typeof GroupService.method.createGroup> {
  return async (request, context) => {
    const call = callOf(context);
    const accountId = parseAccountId(call.accountId);
    const mutation = mutationOf(call, CreateGroupRequestSchema, request);
    const { displayName, description } = request;
    const { value, effect } = await create(
      deps,
      mutation,
      accountId,
      { displayName, description },
      call.signal,
    );
    return { group: toGroup(value), ...toRevision(effect) };
  };
}
