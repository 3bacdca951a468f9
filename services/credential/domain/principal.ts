import type { AccountId, PrincipalId } from "./ids.ts";

/** Names a principal: a user is a different one in each account. */
export interface PrincipalRef {
  readonly accountId: AccountId;
  readonly principalId: PrincipalId;
}

/** A user or service user as identity decided it, as of a version. */
export interface Principal extends PrincipalRef {
  readonly kind: "user" | "service_user";
  readonly state: "active" | "inactive" | "locked" | "deleted";
  /** Grows with each change; 1 is the first. */
  readonly version: number;
}

/** What is enforced of it. */
export type InForce = Pick<Principal, "state" | "version">;

/** What a principal is, as its id tells. */
export function principalKindOf(id: PrincipalId): Principal["kind"] {
  return id.startsWith("svc_") ? "service_user" : "user";
}

/** Things that depend on a principal, counted. */
export interface Dependents {
  readonly kind: "authtokens" | "api_keys" | "ssh_keys" | "sessions";
  readonly count: number;
}
