import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  BillingRole,
  DeveloperRole,
  type InvitationGrants,
  InvitationResult,
  type InvitationSchema,
  TeamRole,
  InvitationState as WireState,
} from "@portcullis/contracts/portcullis/identity/v1/invitation_pb.ts";
import { DomainError } from "@portcullis/errors";
import type { InvitationOutcome } from "../domain/create-invitations.ts";
import { type Invitation, isOpen } from "../domain/invitation.ts";
import type { Grant } from "../domain/member.ts";

const developerRoles: ReadonlyMap<DeveloperRole, string> = new Map([
  [DeveloperRole.READ_WRITE, "developer_read_write"],
  [DeveloperRole.READ_ONLY, "developer_read_only"],
]);

const teamRoles: ReadonlyMap<TeamRole, string> = new Map([
  [TeamRole.MANAGER, "team_manager"],
  [TeamRole.INVITE_ONLY, "team_invite_only"],
  [TeamRole.READ_ONLY, "team_read_only"],
]);

const billingRoles: ReadonlyMap<BillingRole, string> = new Map([
  [BillingRole.ACCESS, "billing_access"],
  [BillingRole.NONE, "billing_none"],
]);

/** What a person is to be given. VALIDATION_FAILED for who invites without being a developer (ngrok.md §4, 4413). */
export function parseGrants(grants: InvitationGrants | undefined): readonly Grant[] {
  const { developer: developerValue = 0, team: teamValue = 0, billing: billingValue = 0 } = grants ?? {};
  const developer = developerRoles.get(developerValue) ?? "developer_read_write";
  const team = teamRoles.get(teamValue) ?? "team_read_only";
  const billing = billingRoles.get(billingValue) ?? "billing_none";
  if (team === "team_invite_only" && developer !== "developer_read_write") {
    const rule = "INVITE_ONLY needs Developer READ_WRITE";
    throw new DomainError("VALIDATION_FAILED", `grants.team ${rule}`, { metadata: { "grants.team": rule } });
  }
  const administrator = grants?.administrator === true ? ["administrator"] : [];
  const roles = [...administrator, developer, team, billing, ...(grants?.roleIds ?? [])];
  return [
    ...grantsOf("role", roles),
    ...grantsOf("group", grants?.groupIds ?? []),
    ...grantsOf("permission", grants?.permissionIds ?? []),
  ];
}

function grantsOf(kind: Grant["kind"], ids: readonly string[]): readonly Grant[] {
  return [...new Set(ids)].map((targetId) => ({ kind, targetId }));
}

export const wireOfResult = {
  created: InvitationResult.CREATED,
  invalid_address: InvitationResult.INVALID_ADDRESS,
  already_member: InvitationResult.ALREADY_MEMBER,
  already_invited: InvitationResult.ALREADY_INVITED,
  no_seat: InvitationResult.NO_SEAT,
} as const satisfies Record<InvitationOutcome["result"], InvitationResult>;

const wireOfState = {
  pending: WireState.EXPIRED,
  accepted: WireState.ACCEPTED,
  revoked: WireState.REVOKED,
} as const satisfies Record<Invitation["state"], WireState>;

export function toInvitation(invitation: Invitation, now: Date): MessageInitShape<typeof InvitationSchema> {
  return {
    invitationId: invitation.id,
    accountId: invitation.accountId,
    email: invitation.email,
    grants: invitation.grants.map(({ kind, targetId }) => `${kind}:${targetId}`),
    state: isOpen(invitation, now) ? WireState.OPEN : wireOfState[invitation.state],
    createTime: timestampFromDate(invitation.createdAt),
    expireTime: timestampFromDate(invitation.expiresAt),
  };
}
