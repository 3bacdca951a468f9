import type { MethodImpl } from "@connectrpc/connect";
import type { ServiceUserService } from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import { callOf } from "@portcullis/service";
import type { IdentityDeps } from "./deps.ts";
import { accountIdOf, parsePage, parseStates, toServiceUser } from "./messages.ts";

export function listServiceUsers(
  deps: IdentityDeps,
): MethodImpl<typeof ServiceUserService.method.listServiceUsers> {
  return async (request, context) => {
    const call = callOf(context);
    const accountId = accountIdOf(call);
    const filter = {
      states: parseStates(request.filter?.states ?? []),
      namePrefix: request.filter?.namePrefix ?? "",
      beforeId: request.filter?.beforeId ?? "",
      ids: request.filter?.serviceUserIds ?? [],
      nameContains: request.filter?.nameContains ?? "",
    };
    const page = await deps.serviceUsers.list(accountId, filter, parsePage(request), call.signal);
    const total = request.withTotalSize ? await deps.serviceUsers.count(accountId, filter, call.signal) : 0;
    return {
      serviceUsers: page.items.map(toServiceUser),
      nextPageToken: page.nextToken,
      totalSize: BigInt(total),
    };
  };
}
