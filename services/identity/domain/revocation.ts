import type { AccountId } from "./ids.ts";

/**
 * What an enforcer has to say in a receipt: since when, and how it knows that, none of its replicas acts on an older
 * state.
 */
export interface Enforcement {
  readonly enforcer: string;
  /** As it has said it. Nothing here reads it. */
  readonly said: Uint8Array;
}

/** What was taken away, and what those who enforce it say. */
export interface Revocation {
  /** Empty where it is about no account, or about several. */
  readonly accountId: AccountId | "";
  /** As in the audit log. */
  readonly operation: string;
  readonly targetId: string;
  /** Empty where it proves nothing: the access was given again meanwhile, or there was none. */
  readonly enforcements: readonly Enforcement[];
}

/** What came of an operation that takes access away. */
export interface Revoked<T> {
  readonly value: T;
  readonly revocation: Revocation;
}
