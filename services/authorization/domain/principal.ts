import type { PrincipalRef } from "./ids.ts";

type PrincipalKind = "user" | "service_user";
/** Only what is active holds permissions; what is deleted stays so. */
type PrincipalState = "active" | "inactive" | "locked" | "deleted";

/** A user within an account, or a service user, as identity has last told of it. */
export interface Principal extends PrincipalRef {
  readonly kind: PrincipalKind;
  readonly state: PrincipalState;
  /** Grows with each change. */
  readonly version: number;
  /** Holds every permission in every account. */
  readonly superAdmin: boolean;
}

/** What is enforced of it. */
export type InForce = Pick<Principal, "state" | "version" | "superAdmin">;

/**
 * Whether what identity tells is to be enforced instead of what is known. Deleted stands above every other
 * state whatever the versions say, then the higher version: an order, so that the same tellings come to the
 * same end however they are shuffled and repeated.
 */
export function supersedes(told: Principal, known: Principal): boolean {
  const isDeleted = told.state === "deleted";
  const wasDeleted = known.state === "deleted";
  return isDeleted === wasDeleted ? told.version > known.version : isDeleted;
}
