import { DomainError } from "@portcullis/errors";
import { type AccountId, parseMemberId, parseUserId, type UserId, userNotFound } from "./ids.ts";
import type { MemberStore, UserStore } from "./people-ports.ts";
import type { User } from "./user.ts";

/** Who calls a method that is about the caller. */
export interface Self {
  readonly accountId: AccountId;
  readonly principalId: string;
  readonly credentialId: string;
  /** Undefined: the call came with an API key. */
  readonly session: { readonly groupId: string; readonly userId: UserId } | undefined;
}

/** The caller as a person. USER_NOT_FOUND for a service user. */
export async function ownUser(
  deps: { readonly users: UserStore; readonly members: MemberStore },
  self: Self,
  signal: AbortSignal,
): Promise<User> {
  const userId = self.session?.userId ?? (await userIdOfMember(deps.members, self, signal));
  const user = await deps.users.findEvenDeleted(userId, signal);
  if (user?.state !== "active") throw userNotFound();
  return user;
}

async function userIdOfMember(members: MemberStore, self: Self, signal: AbortSignal): Promise<UserId> {
  if (!self.principalId.startsWith("user_")) throw userNotFound();
  const member = await members.find(self.accountId, parseMemberId(self.principalId), signal);
  if (member === undefined) throw userNotFound();
  return member.userId;
}

/** The session that the call is made with: SESSION_REQUIRED for an API key. */
export function requireSession(self: Self): { readonly groupId: string; readonly userId: UserId } {
  if (self.session !== undefined) return self.session;
  throw new DomainError("SESSION_REQUIRED", "That is for somebody who has signed in, not for an API key.");
}

/** For the wire's text of a person's id. */
export function sessionOf(
  session: { readonly groupId: string; readonly userId: string } | undefined,
): Self["session"] {
  return session && { groupId: session.groupId, userId: parseUserId(session.userId) };
}
