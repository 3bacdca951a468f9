import type { AccountId } from "./ids.ts";
import type { Principal, PrincipalRef } from "./principal.ts";
import type { Enforcement } from "./revocation.ts";

/** Names an account as a whole. */
export interface AccountRef {
  readonly accountId: AccountId;
}

/** Names what enforcers are told of: an account as a whole, or a principal in one. */
export type EnforcedRef = AccountRef | PrincipalRef;

/** What enforcers are told of an account: its whole state, as of a version. */
export interface AccountStanding extends AccountRef {
  readonly kind: "account";
  readonly state: "active" | "suspended" | "deleted";
  readonly version: number;
}

/** What enforcers are told of. */
export type Enforced = AccountStanding | Principal;

/** What an enforcer goes by, as it says itself. */
export interface Applied {
  readonly version: number;
  readonly state: Enforced["state"];
  /** Undefined where it does not go by it. */
  readonly superAdmin: boolean | undefined;
  /** For a receipt; undefined from one of an older release. */
  readonly enforcement: Enforcement | undefined;
}

/** The id of the principal, or of the account. */
export function enforcedIdOf(ref: EnforcedRef): string {
  return "principalId" in ref ? ref.principalId : ref.accountId;
}
