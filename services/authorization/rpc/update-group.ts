import type { MethodImpl } from "@connectrpc/connect";
import {
  type GroupService,
  UpdateGroupRequestSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import { callOf, mutationOf, parseUpdateMask } from "@portcullis/service";
import type { GroupDeps } from "../domain/create-group.ts";
import { parseAccountId } from "../domain/ids.ts";
import { updateGroup as update } from "../domain/update-group.ts";
import { toGroup } from "./group-messages.ts";
import { parseEtag, requireName } from "./messages.ts";
import { toRevision } from "./receipts.ts";

/** Changes a group's name or description. */
export function updateGroup(deps: GroupDeps): MethodImpl<typeof GroupService.method.updateGroup> {
  return async (request, context) => {
    const call = callOf(context);
    const fields = parseUpdateMask(request.updateMask, ["display_name", "description"]);
    const changes = {
      ...(fields.has("display_name") ? { displayName: requireName(request.displayName) } : {}),
      ...(fields.has("description") ? { description: request.description } : {}),
    };
    const mutation = mutationOf(call, UpdateGroupRequestSchema, request);
    const command = {
      accountId: parseAccountId(call.accountId),
      groupId: request.groupId,
      etag: parseEtag(request.etag),
    };
    const { value, effect } = await update(deps, mutation, command, changes, call.signal);
    return { group: toGroup(value), ...toRevision(effect) };
  };
}
