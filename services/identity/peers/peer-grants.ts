import { hash } from "node:crypto";
import type { Client } from "@connectrpc/connect";
import type { RoleBindingService } from "@portcullis/contracts/portcullis/authorization/v1/role_binding_pb.ts";
import { reasonOf } from "@portcullis/service";
import type { Enforcer } from "../domain/ports.ts";

/** Has authorization give new members what they are to have. */
export function createPeerGrants(client: Client<typeof RoleBindingService>): NonNullable<Enforcer["grant"]> {
  return async ({ accountId, principalId }, grants, signal) => {
    for (const { kind, targetId } of grants) {
      if (kind !== "role") throw new Error(`authorization can't be asked yet for a ${kind}`);
      // The same for each delivery: one that was given, and taken away since, is not given again.
      const requestId = `first-${hash("sha256", `${principalId}/${targetId}`, "base64url")}`;
      try {
        await client.createRoleBinding({ accountId, principalId, roleId: targetId, requestId }, { signal });
      } catch (error) {
        if (reasonOf(error) !== "ROLE_BINDING_NOT_FOUND") throw error;
      }
    }
  };
}
