import type { MethodImpl } from "@connectrpc/connect";
import {
  type AccountService,
  AssignPlanRequestSchema,
} from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { assignPlan as assign } from "../domain/assign-plan.ts";
import type { IdentityDeps } from "./deps.ts";
import { accountIdOf, parseEtag, toAccount } from "./messages.ts";

export function assignPlan(deps: IdentityDeps): MethodImpl<typeof AccountService.method.assignPlan> {
  return async (request, context) => {
    const call = callOf(context);
    const command = {
      mutation: mutationOf(call, AssignPlanRequestSchema, request),
      accountId: accountIdOf(call),
      planId: request.planId,
      etag: parseEtag(request.etag),
    };
    return { account: toAccount(await assign(deps, command, call.signal)) };
  };
}
