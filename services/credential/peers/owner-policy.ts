import type { Authorizer } from "@portcullis/service";
import type { OwnerPolicy } from "../domain/ports.ts";
import { assignPermission } from "../domain/resolve-owner.ts";

/** Has authorization decide who may give credentials to others. */
export function createOwnerPolicy(authorizer: Authorizer): OwnerPolicy {
  return {
    async mayAssign(actor, accountId, signal) {
      // Services are let in by the proto, method by method.
      if (actor.kind === "workload") return true;
      return (await authorizer.decide(actor, assignPermission, accountId, signal)).allowed;
    },
  };
}
