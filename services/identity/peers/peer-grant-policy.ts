import type { Client } from "@connectrpc/connect";
import {
  type GuardService,
  MemberChange,
} from "@portcullis/contracts/portcullis/authorization/v1/guard_pb.ts";
import {
  BillingRole,
  DeveloperRole,
  TeamRole,
} from "@portcullis/contracts/portcullis/authorization/v1/role_binding_pb.ts";
import { DomainError } from "@portcullis/errors";
import { type Authorizer, reasonNamed, unavailablePeer } from "@portcullis/service";
import type { Grant } from "../domain/member.ts";
import type { GrantPolicy } from "../domain/people-ports.ts";

const developers: ReadonlyMap<string, DeveloperRole> = new Map([
  ["developer_read_write", DeveloperRole.READ_WRITE],
  ["developer_read_only", DeveloperRole.READ_ONLY],
]);
const teams: ReadonlyMap<string, TeamRole> = new Map([
  ["team_manager", TeamRole.MANAGER],
  ["team_invite_only", TeamRole.INVITE_ONLY],
  ["team_read_only", TeamRole.READ_ONLY],
]);
const billings: ReadonlyMap<string, BillingRole> = new Map([
  ["billing_access", BillingRole.ACCESS],
  ["billing_none", BillingRole.NONE],
]);
const administrator = "administrator";

/** Administrators alone hold it, and give custom roles, groups and permissions. */
const administratorPermission = "authorization.role_bindings.write";

/** Has authorization decide what may be given with an invitation (contracts/ngrok.md §4). */
export function createPeerGrantPolicy(
  guard: Pick<Client<typeof GuardService>, "checkMemberChange">,
  authorizer: Authorizer,
): GrantPolicy {
  return {
    async requireGrantable({ actor, isUnrestricted, accountId, grants }, signal) {
      if (isUnrestricted) return;
      if (actor.kind !== "principal") throw above();
      const request = {
        accountId,
        actor: { accountId: actor.accountId, principalId: actor.principalId },
        change: MemberChange.INVITE,
        roles: {
          developer: valueAmong(developers, grants, DeveloperRole.READ_ONLY),
          team: valueAmong(teams, grants, TeamRole.READ_ONLY),
          billing: valueAmong(billings, grants, BillingRole.NONE),
          administrator: grants.some(({ kind, targetId }) => kind === "role" && targetId === administrator),
        },
      };
      const { allowed, reason, message } = await guard
        .checkMemberChange(request, { signal })
        .catch((error: unknown) => {
          throw unavailablePeer("authorization", error);
        });
      if (!allowed) throw new DomainError(reasonNamed(reason) ?? "GRANT_ABOVE_OWN_LEVEL", message);
      if (grants.every(isValue)) return;
      const decision = await authorizer.decide(actor, administratorPermission, accountId, signal);
      if (!decision.allowed) throw above();
    },
  };
}

function isValue({ kind, targetId }: Grant): boolean {
  const isKnown = [developers, teams, billings].some((values) => values.has(targetId));
  return kind === "role" && (isKnown || targetId === administrator);
}

/** The least there is where the grants say nothing. */
function valueAmong<Value>(
  values: ReadonlyMap<string, Value>,
  grants: readonly Grant[],
  least: Value,
): Value {
  const named = grants.find(({ kind, targetId }) => kind === "role" && values.has(targetId));
  return (named && values.get(named.targetId)) ?? least;
}

function above(): DomainError {
  return new DomainError(
    "GRANT_ABOVE_OWN_LEVEL",
    "Custom roles, groups and permissions are for administrators to give with an invitation.",
    { metadata: { permission_id: administratorPermission } },
  );
}
