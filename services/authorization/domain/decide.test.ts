import { describe, expect, test } from "vitest";
import { principal } from "../testing/principals.ts";
import { builtInRoles, type RoleId } from "./built-in-roles.ts";
import { type PermissionId, permissionIds } from "./catalog.ts";
import * as engine from "./decide.ts";
import type { Principal } from "./principal.ts";
import { wayOf } from "./way.ts";

/** What each role gives, written out once more, beside the rule of contracts/ngrok.md §4 that it follows. */
const granted: Record<RoleId, { readonly rule: string; readonly permissions: readonly PermissionId[] }> = {
  administrator: {
    rule: "everything; sole right to settings, owner assignment and service users",
    permissions: [
      "authorization.objects.read",
      "authorization.objects.register",
      "authorization.objects.rescue",
      "authorization.objects.share",
      "authorization.grants.write",
      "authorization.groups.read",
      "authorization.groups.write",
      "authorization.policy.read",
      "authorization.policy.write",
      "authorization.roles.write",
      "agent_management",
      "alerts_management",
      "application_management",
      "batch_query_priority",
      "dashboard_management",
      "derived_metrics_management",
      "embedded_charts",
      "events_management",
      "external_links_management",
      "host_tag_management",
      "ingestion",
      "log_management",
      "metrics_management",
      "monitored_application_service_management",
      "saml_sso_management",
      "token_management",
      "user_management",
      "authorization.check",
      "authorization.role_bindings.read",
      "authorization.role_bindings.write",
      "authorization.roles.read",
      "billing.account.manage",
      "billing.account.read",
      "credential.credentials.read",
      "credential.credentials.verify",
      "credential.credentials.write",
      "credential.owners.assign",
      "credential.service_owners.assign",
      "credential.sessions.end",
      "credential.sessions.read",
      "identity.account.delete",
      "identity.account.read",
      "identity.account.update",
      "identity.members.invite",
      "identity.members.manage",
      "identity.members.read",
      "identity.service_users.read",
      "identity.service_users.write",
    ],
  },
  developer_read_write: {
    rule: "all developer objects; not team, billing, account settings",
    permissions: [
      "authorization.objects.read",
      "authorization.objects.share",
      "authorization.groups.read",
      "authorization.policy.read",
      "authorization.check",
      "authorization.role_bindings.read",
      "authorization.roles.read",
      "credential.credentials.read",
      "credential.credentials.verify",
      "credential.credentials.write",
      "identity.account.read",
      "identity.service_users.read",
    ],
  },
  developer_read_only: {
    rule: "view only; can still run agents",
    permissions: [
      "authorization.objects.read",
      "authorization.groups.read",
      "authorization.policy.read",
      "authorization.check",
      "authorization.role_bindings.read",
      "authorization.roles.read",
      "credential.credentials.read",
      "credential.credentials.verify",
      "identity.account.read",
      "identity.service_users.read",
    ],
  },
  team_manager: {
    rule: "invite, remove, enable and disable members",
    permissions: [
      "authorization.groups.read",
      "authorization.role_bindings.read",
      "authorization.roles.read",
      "identity.account.read",
      "identity.members.invite",
      "identity.members.manage",
      "identity.members.read",
    ],
  },
  team_invite_only: {
    rule: "see members, invite",
    permissions: [
      "authorization.groups.read",
      "authorization.roles.read",
      "identity.account.read",
      "identity.members.invite",
      "identity.members.read",
    ],
  },
  team_read_only: {
    rule: "see members",
    permissions: [
      "authorization.groups.read",
      "authorization.roles.read",
      "identity.account.read",
      "identity.members.read",
    ],
  },
  billing_access: {
    rule: "change plan, payment and address, see history",
    permissions: ["billing.account.manage", "billing.account.read"],
  },
  billing_none: { rule: "sees nothing", permissions: [] },
};

const home = "acct_home";
const foreign = "acct_foreign";
const user = principal(home, "user_1", { version: 7 });
const serviceUser = principal(home, "svc_1", { kind: "service_user", version: 7 });
const operator = principal(home, "user_op", { superAdmin: true, version: 7 });

/** Decides for somebody who holds bound roles and nothing else. */
function decide(
  subject: { readonly principal: Principal; readonly roleIds: readonly string[] } | undefined,
  permission: string,
  accountId: string,
) {
  const held = { permissionId: permission, registered: false, direct: false, byCustomRole: false };
  const membership = subject && {
    kind: subject.principal.kind,
    serviceUserPolicy: "developer" as const,
    boundRoleIds: subject.roleIds,
    assignedRoleIds: [],
  };
  const facts = subject && {
    accountState: "active" as const,
    principal: subject.principal,
    serviceUserPolicy: "developer" as const,
    permission: { ...held, way: membership && wayOf(membership, held) },
    typePermission: undefined,
    access: "unknown_object" as const,
  };
  return engine.decide(facts, { permission, object: undefined, accountId });
}

describe.each(builtInRoles.map(({ roleId }) => [roleId, granted[roleId]] as const))(
  "a user with the role %s",
  (roleId, { rule, permissions }) => {
    test.each(permissionIds)(`${rule}: %s`, (permission) => {
      const isGranted = permissions.includes(permission);
      const subject = { principal: user, roleIds: [roleId] };
      expect(decide(subject, permission, home)).toEqual({
        allowed: isGranted,
        reason: isGranted ? "role" : "not_granted",
        subjectVersion: 7,
      });
      expect(decide(subject, permission, foreign).allowed).toBe(false);
    });
  },
);

describe("a service user", () => {
  test.each(permissionIds)("acts as Developer read-write and nothing else: %s", (permission) => {
    const isGranted = granted.developer_read_write.permissions.includes(permission);
    const expected = {
      allowed: isGranted,
      reason: isGranted ? "service_user_policy" : "not_granted",
      subjectVersion: 7,
    };
    expect(decide({ principal: serviceUser, roleIds: [] }, permission, home)).toEqual(expected);
    // Should a binding ever get there, it counts for nothing.
    const bound = { principal: serviceUser, roleIds: ["administrator"] };
    expect(decide(bound, permission, home)).toEqual(expected);
    expect(decide(bound, permission, foreign).allowed).toBe(false);
  });
});

describe("a super administrator", () => {
  test.each(permissionIds)("holds %s in every account", (permission) => {
    const expected = { allowed: true, reason: "super_admin", subjectVersion: 7 };
    expect(decide({ principal: operator, roleIds: [] }, permission, home)).toEqual(expected);
    expect(decide({ principal: operator, roleIds: [] }, permission, foreign)).toEqual(expected);
  });
});

test("a user holds what any of its roles gives", () => {
  const subject = { principal: user, roleIds: ["developer_read_only", "team_invite_only", "billing_access"] };
  const union = permissionIds.filter((permission) => decide(subject, permission, home).allowed);
  expect(union).toEqual([
    "authorization.check",
    "authorization.groups.read",
    "authorization.objects.read",
    "authorization.policy.read",
    "authorization.role_bindings.read",
    "authorization.roles.read",
    "billing.account.manage",
    "billing.account.read",
    "credential.credentials.read",
    "credential.credentials.verify",
    "identity.account.read",
    "identity.members.invite",
    "identity.members.read",
    "identity.service_users.read",
  ]);
});

test("a user without a role, or with one that this release doesn't know, holds nothing", () => {
  for (const roleIds of [[], ["role_of_tomorrow"], ["toString"]]) {
    for (const permission of permissionIds) {
      expect(decide({ principal: user, roleIds }, permission, home).reason).toBe("not_granted");
    }
  }
});

test.each([
  "",
  "identity.account",
  "identity.account.read ",
  "installation.anything",
  "toString",
  "__proto__",
])("nobody holds «%s», which is not in the catalogue, not even a super administrator", (permission) => {
  const subjects = [
    { principal: operator, roleIds: ["administrator"] },
    { principal: user, roleIds: ["administrator"] },
    { principal: serviceUser, roleIds: [] },
  ];
  for (const subject of subjects) {
    expect(decide(subject, permission, home)).toEqual({
      allowed: false,
      reason: "not_granted",
      subjectVersion: 7,
    });
  }
});

test.each(["inactive", "locked"] as const)("who is %s holds nothing, super administrators too", (state) => {
  for (const each of [user, serviceUser, operator]) {
    const subject = { principal: { ...each, state }, roleIds: ["administrator"] };
    expect(decide(subject, "identity.account.read", home)).toEqual({
      allowed: false,
      reason: "subject_inactive",
      subjectVersion: 7,
    });
  }
});

test("deleted and unknown have one answer", () => {
  const unknown = { allowed: false, reason: "subject_unknown", subjectVersion: 0 };
  expect(decide(undefined, "identity.account.read", home)).toEqual(unknown);
  for (const each of [user, serviceUser, operator]) {
    const subject = { principal: { ...each, state: "deleted" as const }, roleIds: ["administrator"] };
    expect(decide(subject, "identity.account.read", home)).toEqual(unknown);
  }
});
