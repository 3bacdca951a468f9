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

/** Things that depend on a principal or account, counted. */
export interface Dependents {
  readonly kind: string;
  readonly count: number;
}
