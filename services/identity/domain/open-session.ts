import { DomainError } from "@portcullis/errors";
import { confirmEnforced, type EnforcementDeps } from "./enforcement.ts";
import type { Member } from "./member.ts";
import type { PeopleDeps } from "./people-ports.ts";
import { confirmedTotpOf, type User } from "./user.ts";

/** Where a person signs in from. */
export interface Origin {
  readonly userAgent: string;
  /** Empty if unknown. */
  readonly sourceIp: string;
}

/** A new session, and what it is for. */
export interface SignedIn {
  readonly token: string;
  readonly expiresAt: Date;
  readonly member: Member;
}

/**
 * Creates a session for a person who has been proven with these secrets. If they have changed meanwhile, or the
 * account has come to require a second factor that the person lacks, the sessions that the change has ended may
 * not have included this one: it is ended and refused. SIGN_IN_REFUSED, SECOND_FACTOR_ENROLMENT_REQUIRED.
 */
export async function openSession(
  deps: PeopleDeps & EnforcementDeps,
  { user, member, groupId }: { readonly user: User; readonly member: Member; readonly groupId: string },
  origin: Origin,
  signal: AbortSignal,
): Promise<SignedIn> {
  await confirmEnforced(deps, { accountId: member.accountId, principalId: member.id }, signal);
  const session = { member, groupId, secretsVersion: user.secretsVersion, ...origin };
  const { token, expiresAt } = await deps.sessions.create(session, signal);
  const present = await deps.users.findEvenDeleted(user.id, signal);
  if (present?.state !== "active" || present.secretsVersion !== user.secretsVersion) {
    await deps.sessions.endGroup(groupId, signal);
    throw signInRefused();
  }
  if (confirmedTotpOf(user) === undefined) {
    const requiring = await deps.members.accountsRequiringMfa(user.id, signal);
    if (requiring.includes(member.accountId)) {
      await deps.sessions.endInAccount(member.accountId, [user.id], signal);
      throw enrolmentRequired();
    }
  }
  await deps.members.noteSignIn(member, deps.clock(), signal);
  return { token, expiresAt, member };
}

/** The account to go to: the one named, or the first that the person joined. NO_ACTIVE_MEMBERSHIP, SECOND_FACTOR_ENROLMENT_REQUIRED. */
export async function chooseMember(
  deps: PeopleDeps,
  user: User,
  account: string,
  signal: AbortSignal,
): Promise<Member> {
  const members = await deps.members.listOfUser(user.id, signal);
  const active = members.filter(({ state }) => state === "active");
  const closed =
    confirmedTotpOf(user) === undefined ? await deps.members.accountsRequiringMfa(user.id, signal) : [];
  const open = active.filter(({ accountId }) => !closed.includes(accountId));
  const chosen =
    account === "" ? (open[0] ?? active[0]) : active.find(({ accountId }) => accountId === account);
  if (chosen !== undefined && closed.includes(chosen.accountId)) throw enrolmentRequired();
  if (chosen !== undefined) return chosen;
  throw new DomainError(
    "NO_ACTIVE_MEMBERSHIP",
    account === ""
      ? "You are no active member of any account. Ask an administrator to invite or enable you."
      : "You are no active member of that account. Ask its administrator to invite or enable you.",
  );
}

export function enrolmentRequired(): DomainError {
  return new DomainError(
    "SECOND_FACTOR_ENROLMENT_REQUIRED",
    "The account requires a second factor of its members. Enrol an authenticator app first.",
  );
}

export function signInRefused(): DomainError {
  return new DomainError("SIGN_IN_REFUSED", "The e-mail address or the password is not right.");
}
