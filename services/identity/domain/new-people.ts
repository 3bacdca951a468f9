import { type AccountId, parseMemberId, parseUserId, type UserId } from "./ids.ts";
import type { Member } from "./member.ts";
import type { Clock, NewId } from "./ports.ts";
import type { User } from "./user.ts";

/** A person as one begins: active, with an address that is not verified. */
export function newUser(
  deps: { readonly clock: Clock; readonly newId: NewId },
  parts: Pick<User, "email" | "displayName" | "passwordHash">,
): User {
  const now = deps.clock();
  return {
    ...parts,
    id: parseUserId(deps.newId("user")),
    state: "active",
    superAdmin: false,
    emailVerifiedAt: undefined,
    totp: undefined,
    secretsVersion: 1,
    createdAt: now,
    updatedAt: now,
    version: 1,
  };
}

/** A new principal of the account, for a person who was none or has left (docs/adr/0005). */
export function newMember(
  deps: { readonly clock: Clock; readonly newId: NewId },
  accountId: AccountId,
  userId: UserId,
): Member {
  const now = deps.clock();
  return {
    accountId,
    id: parseMemberId(deps.newId("user")),
    userId,
    state: "active",
    createdAt: now,
    updatedAt: now,
    version: 1,
  };
}
