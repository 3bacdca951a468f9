import { DomainError } from "@portcullis/errors";
import type { Grant } from "./member.ts";

/** What plans limit, beside seats. */
type LimitedFeature = "service_users";

const nameOf = { service_users: "service users" } as const satisfies Record<LimitedFeature, string>;

export function planLimitReached(feature: LimitedFeature): DomainError {
  return new DomainError(
    "PLAN_LIMIT_REACHED",
    `The account's plan allows no more ${nameOf[feature]}. Delete some, or change the plan.`,
    { metadata: { feature } },
  );
}

/** What members have where the plan has no RBAC. */
const usualRoles: ReadonlySet<string> = new Set([
  "developer_read_write",
  "team_read_only",
  "team_invite_only",
  "billing_none",
]);

/** Whether the grants take a plan with `rbac` (contracts/ngrok.md §4, 4409). */
export function needsRbac(grants: readonly Grant[]): boolean {
  return grants.some(({ kind, targetId }) => kind !== "role" || !usualRoles.has(targetId));
}

export function rbacMissing(): DomainError {
  return new DomainError(
    "PLAN_FEATURE_MISSING",
    "The account's plan has no roles to choose: invite without them, or change the plan.",
    { metadata: { feature: "rbac" } },
  );
}
