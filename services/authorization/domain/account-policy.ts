import type { AccountId } from "./ids.ts";

/** What an account has decided for all its principals and objects. */
export interface AccountPolicy {
  readonly accountId: AccountId;
  /** Developer: as the built-in role and nothing else. Scoped: what they were given and nothing else. */
  readonly serviceUserPolicy: "developer" | "scoped";
  readonly newObjectAccess: "everyone" | "creator_only";
  /** In order, each once; as all ids here. */
  readonly defaultPermissionIds: readonly string[];
  readonly defaultGroupIds: readonly string[];
  /** 0: it was never changed. */
  readonly version: number;
}

/** Of an account that never changed it. */
export function defaultPolicy(accountId: AccountId): AccountPolicy {
  return {
    accountId,
    serviceUserPolicy: "developer",
    newObjectAccess: "everyone",
    defaultPermissionIds: [],
    defaultGroupIds: [],
    version: 0,
  };
}
