import { hash } from "node:crypto";
import type { Client } from "@connectrpc/connect";
import type { GrantService } from "@portcullis/contracts/portcullis/authorization/v1/grant_pb.ts";
import type { GroupService } from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import type { RoleBindingService } from "@portcullis/contracts/portcullis/authorization/v1/role_binding_pb.ts";
import type { ErrorReason } from "@portcullis/errors";
import { reasonOf } from "@portcullis/service";
import type { Grant } from "../domain/member.ts";
import type { Enforcer } from "../domain/ports.ts";
import type { PrincipalRef } from "../domain/principal.ts";

/** The services of authorization that give something. */
export interface GrantClients {
  readonly roleBindings: Pick<Client<typeof RoleBindingService>, "createRoleBinding">;
  readonly groups: Pick<Client<typeof GroupService>, "addGroupMembers">;
  readonly grants: Pick<Client<typeof GrantService>, "grantPermissions" | "assignRoles">;
}

/** What was promised may be gone or ungrantable by now, or was given and taken away: then nothing is owed. */
const neverToBeGiven: ReadonlySet<ErrorReason | undefined> = new Set([
  "ROLE_BINDING_NOT_FOUND",
  "ROLE_NOT_FOUND",
  "ROLE_NOT_ASSIGNABLE",
  "GROUP_NOT_FOUND",
  "EVERYONE_FIXED",
  "PERMISSION_NOT_FOUND",
  "PERMISSION_NOT_GRANTABLE",
]);

/** Has authorization give new members what they are to have. */
export function createPeerGrants(clients: GrantClients): NonNullable<Enforcer["grant"]> {
  return async (ref, grants, signal) => {
    for (const grant of grants) {
      try {
        await give(clients, ref, grant, signal);
      } catch (error) {
        if (!neverToBeGiven.has(reasonOf(error))) throw error;
      }
    }
  };
}

async function give(
  { roleBindings, groups, grants }: GrantClients,
  { accountId, principalId }: PrincipalRef,
  { kind, targetId }: Grant,
  signal: AbortSignal,
): Promise<void> {
  // The same for each delivery: one that was given, and taken away since, is not given again.
  const requestId = `first-${hash("sha256", `${principalId}/${kind}/${targetId}`, "base64url")}`;
  const principal = { accountId, requestId, principalIds: [principalId] };
  switch (kind) {
    case "role":
      await (targetId.startsWith("role_")
        ? grants.assignRoles({ ...principal, roleIds: [targetId] }, { signal })
        : roleBindings.createRoleBinding(
            { accountId, principalId, roleId: targetId, requestId },
            { signal },
          ));
      return;
    case "group":
      await groups.addGroupMembers({ ...principal, groupId: targetId }, { signal });
      return;
    case "permission":
      await grants.grantPermissions({ ...principal, permissionIds: [targetId] }, { signal });
      return;
  }
}
