import type { Authorizer } from "@portcullis/service";
import type { OwnerPolicy } from "../domain/ports.ts";
import { assignPermission, assignServicePermission } from "../domain/resolve-owner.ts";

/** Has authorization decide who may give credentials to others. */
export function createOwnerPolicy(authorizer: Authorizer): OwnerPolicy {
  return {
    async mayAssign(actor, accountId, owner, signal) {
      // Services are let in by the proto, method by method.
      if (actor.kind === "workload") return true;
      const may = async (permission: string) =>
        (await authorizer.decide(actor, permission, accountId, signal)).allowed;
      return (
        (await may(assignPermission)) || (owner === "service_user" && (await may(assignServicePermission)))
      );
    },
  };
}
