import type { AccountId } from "./ids.ts";

/** An account as identity has last told of it. */
export interface Account {
  readonly accountId: AccountId;
  /** Only in an active one anybody holds anything; stands above the states of its principals. */
  readonly state: "active" | "suspended" | "deleted";
  /** Grows with each change. */
  readonly version: number;
}
