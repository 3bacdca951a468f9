import type { AccountId } from "./ids.ts";

/** A tenant. */
export interface Account {
  readonly id: AccountId;
  readonly displayName: string;
  /** What its limits come from. */
  readonly planId: string;
  /** Members sign in with a second factor only. */
  readonly mfaRequired: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Grows with each change. */
  readonly version: number;
}
