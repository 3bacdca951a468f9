import { DomainError } from "@portcullis/errors";

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
