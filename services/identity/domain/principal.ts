import type { AccountId, MemberId, ServiceUserId } from "./ids.ts";

/** Names a principal: a user is a different one in each account. */
export interface PrincipalRef {
  readonly accountId: AccountId;
  readonly principalId: ServiceUserId | MemberId;
}

/** What enforcers are told of a principal: its whole state, as of a version. */
export interface Principal extends PrincipalRef {
  readonly kind: "user" | "service_user";
  readonly state: "active" | "inactive" | "locked" | "deleted";
  readonly version: number;
  readonly superAdmin: boolean;
}

/** What an enforcer goes by, as it says itself. */
export interface Applied {
  readonly version: number;
  readonly state: Principal["state"];
  /** Undefined where it does not go by it. */
  readonly superAdmin: boolean | undefined;
}

/** Things that depend on a principal, counted. */
export interface Dependents {
  readonly kind: string;
  readonly count: number;
}
