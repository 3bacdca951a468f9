import { DomainError } from "@portcullis/errors";
import { type Member, principalOfMember } from "./member.ts";
import type { MemberGuard } from "./people-ports.ts";
import type { Tx } from "./ports.ts";
import type { User } from "./user.ts";

/**
 * Makes sure that the account can do without an active member, who is locked: that somebody active stays, and
 * by authorization's word an administrator. LAST_ADMINISTRATOR.
 */
export async function requireDispensable(
  guard: MemberGuard,
  tx: Tx,
  member: Member,
  signal: AbortSignal,
): Promise<void> {
  // Whoever goes at the same time waits here.
  await tx.lockAccount(member.accountId);
  if ((await tx.countOtherActiveMembers(member)) === 0) throw lastAdministrator();
  await guard.hold(member, member.version + 1, signal);
}

/** Stores a membership as changed now; every enforcer owes a confirmation from the commit on. */
export async function saveMember(
  tx: Tx,
  before: Member,
  state: Member["state"],
  user: Pick<User, "superAdmin">,
  now: Date,
): Promise<Member> {
  const after = { ...before, state, version: before.version + 1, updatedAt: now };
  await tx.updateMember(after);
  await tx.requireEnforcement(principalOfMember(after, user));
  return after;
}

function lastAdministrator(): DomainError {
  return new DomainError(
    "LAST_ADMINISTRATOR",
    "The account would be left without an active administrator. Make somebody else one first.",
  );
}
