import { DomainError } from "@portcullis/errors";
import type { Authorizer } from "@portcullis/service";
import type { Grant } from "../domain/member.ts";
import type { GrantPolicy } from "../domain/people-ports.ts";

/** What who gives a built-in role must hold: the most that the role gives (contracts/ngrok.md §4). */
const neededFor: ReadonlyMap<string, string | undefined> = new Map([
  ["developer_read_write", "credential.credentials.write"],
  ["developer_read_only", undefined],
  ["team_manager", "identity.members.manage"],
  ["team_invite_only", "identity.members.invite"],
  ["team_read_only", undefined],
  ["billing_access", "billing.account.manage"],
  ["billing_none", undefined],
]);

/** Administrators alone hold it. */
const administratorPermission = "authorization.role_bindings.write";

/** Decides by what the roles in question would give, where no authorization service is there to ask. */
export function createPermissionGrantPolicy(authorizer: Authorizer): GrantPolicy {
  return {
    async requireGrantable({ actor, isUnrestricted, accountId, grants }, signal) {
      if (isUnrestricted) return;
      if (actor.kind !== "principal") throw above(administratorPermission);
      for (const permission of new Set(grants.map(neededOf))) {
        if (permission === undefined) continue;
        const { allowed } = await authorizer.decide(actor, permission, accountId, signal);
        if (!allowed) throw above(permission);
      }
    },
  };
}

/** What is not known to give little is for administrators to give. */
function neededOf({ kind, targetId }: Grant): string | undefined {
  return kind === "role" && neededFor.has(targetId) ? neededFor.get(targetId) : administratorPermission;
}

function above(permission: string): DomainError {
  return new DomainError(
    "GRANT_ABOVE_OWN_LEVEL",
    `You can't give more than you have: that needs the permission ${permission}.`,
    { metadata: { permission } },
  );
}
