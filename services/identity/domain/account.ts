import type { AccountStanding } from "./enforced.ts";
import type { AccountId } from "./ids.ts";

/** A tenant. */
export interface Account {
  readonly id: AccountId;
  readonly displayName: string;
  /** What its limits come from. */
  readonly planId: string;
  /** Members sign in with a second factor only. */
  readonly mfaRequired: boolean;
  /** Nothing works in a suspended one; only operators suspend and restore. */
  readonly state: "active" | "suspended";
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Grows with each change; the version that enforcers are told. */
  readonly version: number;
}

/** What enforcers are told of an account. */
export function standingOf({ id, state, version }: Account): AccountStanding {
  return { kind: "account", accountId: id, state, version };
}
