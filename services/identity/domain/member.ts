import type { AccountId, MemberId, UserId } from "./ids.ts";
import type { Principal } from "./principal.ts";
import type { User } from "./user.ts";

/** A person as a principal of an account. */
export interface Member {
  readonly accountId: AccountId;
  readonly id: MemberId;
  readonly userId: UserId;
  /** Inactive: disabled by the account, and kept. Deleted: has left or was removed; the row stays. */
  readonly state: "active" | "inactive" | "deleted";
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Grows with each change; the version that enforcers are told. */
  readonly version: number;
}

/** What a new member is given in the account, once. */
export interface Grant {
  readonly kind: "role" | "group" | "permission";
  readonly targetId: string;
}

export function principalOfMember(member: Member, user: Pick<User, "superAdmin">): Principal {
  return {
    accountId: member.accountId,
    principalId: member.id,
    kind: "user",
    state: member.state,
    version: member.version,
    superAdmin: user.superAdmin,
  };
}
