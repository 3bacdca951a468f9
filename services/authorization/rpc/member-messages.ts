import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type CheckMemberChangeRequest,
  MemberChange as WireChange,
} from "@portcullis/contracts/portcullis/authorization/v1/guard_pb.ts";
import {
  BillingRole,
  DeveloperRole,
  type MemberRolesSchema,
  TeamRole,
  type MemberRoles as WireRoles,
} from "@portcullis/contracts/portcullis/authorization/v1/role_binding_pb.ts";
import type { MemberChange } from "../domain/check-member-change.ts";
import type { MemberRoles } from "../domain/member-guard.ts";
import { invalid } from "./messages.ts";

const developers: ReadonlyMap<DeveloperRole, MemberRoles["developer"]> = new Map([
  [DeveloperRole.READ_WRITE, "developer_read_write"],
  [DeveloperRole.READ_ONLY, "developer_read_only"],
]);

const teams: ReadonlyMap<TeamRole, MemberRoles["team"]> = new Map([
  [TeamRole.MANAGER, "team_manager"],
  [TeamRole.INVITE_ONLY, "team_invite_only"],
  [TeamRole.READ_ONLY, "team_read_only"],
]);

const billings: ReadonlyMap<BillingRole, MemberRoles["billing"]> = new Map([
  [BillingRole.ACCESS, "billing_access"],
  [BillingRole.NONE, "billing_none"],
]);

/** VALIDATION_FAILED unless all values are set. */
export function parseMemberRoles(roles: WireRoles | undefined): MemberRoles {
  const developer = developers.get(roles?.developer ?? DeveloperRole.UNSPECIFIED);
  const team = teams.get(roles?.team ?? TeamRole.UNSPECIFIED);
  const billing = billings.get(roles?.billing ?? BillingRole.UNSPECIFIED);
  if (developer === undefined || team === undefined || billing === undefined) {
    throw invalid("roles", "must have developer, team and billing set");
  }
  return { developer, team, billing, administrator: roles?.administrator ?? false };
}

export function toMemberRoles(bound: readonly string[]): MessageInitShape<typeof MemberRolesSchema> {
  const among = <Wire>(values: ReadonlyMap<Wire, string>, none: Wire) =>
    [...values].find(([, roleId]) => bound.includes(roleId))?.[0] ?? none;
  return {
    developer: among(developers, DeveloperRole.UNSPECIFIED),
    team: among(teams, TeamRole.UNSPECIFIED),
    billing: among(billings, BillingRole.UNSPECIFIED),
    administrator: bound.includes("administrator"),
  };
}

const lifecycleChanges: ReadonlyMap<WireChange, "disable" | "enable" | "remove"> = new Map([
  [WireChange.DISABLE, "disable"],
  [WireChange.ENABLE, "enable"],
  [WireChange.REMOVE, "remove"],
]);

/** VALIDATION_FAILED. */
export function parseMemberChange({ change, targetId, roles }: CheckMemberChangeRequest): MemberChange {
  if (change === WireChange.INVITE) return { change: "invite", roles: parseMemberRoles(roles) };
  const lifecycleChange = lifecycleChanges.get(change);
  if (lifecycleChange === undefined) throw invalid("change", "must be a known change");
  return { change: lifecycleChange, targetId };
}
