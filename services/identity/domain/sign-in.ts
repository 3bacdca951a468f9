import { DomainError } from "@portcullis/errors";
import { joinByLink } from "./accept-invitation.ts";
import { countGuess, requireNotBlocked } from "./attempts.ts";
import { saveUser } from "./change-user.ts";
import type { EnforcementDeps } from "./enforcement.ts";
import type { Member } from "./member.ts";
import type { Mutation } from "./mutation.ts";
import {
  chooseMember,
  enrolmentRequired,
  type Origin,
  openSession,
  type SignedIn,
  signInRefused,
} from "./open-session.ts";
import { normalizePassword } from "./password-policy.ts";
import type { PeopleDeps } from "./people-ports.ts";
import { codeInvalid, takeCode } from "./prove-user.ts";
import { confirmedTotpOf, emailKeyOf, type User } from "./user.ts";

export interface SignInCommand {
  readonly mutation: Mutation;
  readonly origin: Origin;
  readonly email: string;
  readonly password: string;
  /** Empty: none was sent. */
  readonly code: string;
  /** Empty: whichever. */
  readonly account: string;
  /** Empty: none. */
  readonly invitationToken: string;
}

/**
 * Proves a person and creates a session. Who lacks the password learns nothing, at the same cost.
 * SIGN_IN_REFUSED, EMAIL_NOT_VERIFIED, SECOND_FACTOR_REQUIRED, SECOND_FACTOR_INVALID, NO_ACTIVE_MEMBERSHIP.
 */
export async function signIn(
  deps: PeopleDeps & EnforcementDeps,
  command: SignInCommand,
  signal: AbortSignal,
): Promise<SignedIn> {
  const user = await provePassword(deps, command, signal);
  if (user.emailVerifiedAt === undefined) throw await mailAgain(deps, command, user, signal);
  if (confirmedTotpOf(user) !== undefined && command.code === "") {
    throw new DomainError("SECOND_FACTOR_REQUIRED", "Send the code of your authenticator app, too.");
  }
  const chosen =
    command.invitationToken === "" ? await chooseMember(deps, user, command.account, signal) : undefined;
  if (confirmedTotpOf(user) !== undefined) await countGuess(deps, user, signal);
  const member = await admit(deps, command, user, chosen, signal);
  return openSession(deps, { user, member, groupId: deps.newId("sgn") }, command.origin, signal);
}

/** By password alone. SIGN_IN_REFUSED. */
export async function provePassword(
  deps: PeopleDeps,
  { email, password, origin }: Pick<SignInCommand, "email" | "password" | "origin">,
  signal: AbortSignal,
): Promise<User> {
  const emailKey = emailKeyOf(email);
  requireNotBlocked(deps.signInAttempts, origin.sourceIp, emailKey);
  const user = await deps.users.findByEmail(emailKey, signal);
  const isRight = await deps.passwords.verify(user?.passwordHash, normalizePassword(password), signal);
  if (user !== undefined && isRight) return user;
  deps.signInAttempts.failed(origin.sourceIp, emailKey);
  throw signInRefused();
}

/**
 * Takes the code, if one is needed, and notes the sign-in, if the secrets are still those that were proven. Who
 * has chosen no account joins one by the invitation.
 */
async function admit(
  deps: PeopleDeps,
  { mutation, code, origin, invitationToken }: SignInCommand,
  proven: User,
  chosen: Member | undefined,
  signal: AbortSignal,
): Promise<Member> {
  const outcome = await deps.unitOfWork.once(
    mutation,
    async (tx) => {
      const user = await tx.lockUser(proven.id);
      if (user?.secretsVersion !== proven.secretsVersion) throw signInRefused();
      if (confirmedTotpOf(user) !== undefined) {
        const now = deps.clock();
        const totp = await takeCode(deps, tx, user, code, now);
        if (totp === undefined) {
          deps.signInAttempts.failed(origin.sourceIp, emailKeyOf(user.email));
          throw codeInvalid();
        }
        await saveUser(tx, user, { totp }, now);
      }
      const member = chosen ?? (await joinByLink(deps, tx, user, invitationToken));
      if (
        confirmedTotpOf(user) === undefined &&
        (await tx.lockAccount(member.accountId))?.mfaRequired === true
      ) {
        throw enrolmentRequired();
      }
      await tx.audit({
        accountId: member.accountId,
        action: "user.sign_in",
        targetId: user.id,
        detail: { principalId: member.id, secondFactor: confirmedTotpOf(user) !== undefined },
      });
      return { resourceId: "", value: member };
    },
    signal,
  );
  if (outcome.repeated) throw new Error("a mutation without a request id can't be a repeat");
  return outcome.value;
}

/** The first link may have been lost, or be past its time. */
async function mailAgain(
  deps: PeopleDeps,
  { mutation }: SignInCommand,
  user: User,
  signal: AbortSignal,
): Promise<DomainError> {
  await deps.unitOfWork.once(
    mutation,
    async (tx) => {
      await tx.queueMail("verify_email", user.email, user.id);
      return { resourceId: "", value: undefined };
    },
    signal,
  );
  return new DomainError(
    "EMAIL_NOT_VERIFIED",
    "Verify your e-mail address first: follow the link in the mail that has just been sent.",
  );
}
