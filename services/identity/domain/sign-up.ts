import { DomainError } from "@portcullis/errors";
import { joinByLink } from "./accept-invitation.ts";
import { countRequest } from "./attempts.ts";
import { newAccount } from "./create-account.ts";
import { confirmEnforced, type EnforcementDeps } from "./enforcement.ts";
import { linkInvalid } from "./link-invalid.ts";
import { type Grant, principalOfMember } from "./member.ts";
import type { Mutation } from "./mutation.ts";
import { newMember, newUser } from "./new-people.ts";
import { requireStrongPassword } from "./password-policy.ts";
import type { PeopleDeps } from "./people-ports.ts";
import { digestOf, emailKeyOf } from "./user.ts";

export interface SignUpCommand {
  readonly mutation: Mutation;
  readonly sourceIp: string;
  readonly email: string;
  readonly password: string;
  readonly displayName: string;
  readonly accountDisplayName: string;
  /** Empty: none. */
  readonly invitationToken: string;
}

/** What the founder of an account is given. */
const founderGrants: readonly Grant[] = [{ kind: "role", targetId: "administrator" }];

/**
 * Creates a person and an account of which the person is administrator, and mails a link; if the address has a
 * user, only the mail differs. Who asks can't tell. Does not wait for the enforcers, which would tell:
 * verifying the address does.
 */
export async function signUp(
  deps: PeopleDeps & EnforcementDeps,
  command: SignUpCommand,
  signal: AbortSignal,
): Promise<void> {
  const { email, displayName } = command;
  countRequest(deps.signInAttempts, command.sourceIp, emailKeyOf(email));
  const password = requireStrongPassword(command.password, email);
  const passwordHash = await deps.passwords.hash(password, signal);
  if (command.invitationToken !== "") return signUpInvited(deps, command, passwordHash, signal);
  await deps.unitOfWork.once(
    command.mutation,
    async (tx) => {
      const user = newUser(deps, { email, displayName, passwordHash });
      if (!(await tx.insertUser(user))) {
        await tx.queueMail("already_registered", email, "");
        return { resourceId: "", value: undefined };
      }
      const account = newAccount(deps, command.accountDisplayName);
      await tx.insertAccount(account);
      const member = newMember(deps, account.id, user.id);
      await tx.insertMember(member, founderGrants);
      await tx.requireEnforcement(principalOfMember(member, user));
      await tx.queueMail("verify_email", email, user.id);
      await tx.audit({
        accountId: account.id,
        action: "user.sign_up",
        targetId: user.id,
        detail: { email, principalId: member.id },
      });
      return { resourceId: "", value: undefined };
    },
    signal,
  );
}

/**
 * Creates a person who joins the account of an invitation, whose link is proof of the address. LINK_INVALID,
 * INVITATION_EMAIL_MISMATCH, EMAIL_TAKEN, ENFORCEMENT_PENDING.
 */
async function signUpInvited(
  deps: PeopleDeps & EnforcementDeps,
  { mutation, email, displayName, invitationToken }: SignUpCommand,
  passwordHash: string,
  signal: AbortSignal,
): Promise<void> {
  const outcome = await deps.unitOfWork.once(
    mutation,
    async (tx) => {
      const user = {
        ...newUser(deps, { email, displayName, passwordHash }),
        emailVerifiedAt: deps.clock(),
      };
      const isNew = await tx.insertUser(user);
      if (!isNew) {
        // Only who has the link learns of the user; the link goes on working, for nothing is committed.
        const subject = await tx.takeLink("accept_invitation", digestOf(invitationToken));
        throw subject === undefined ? linkInvalid() : emailTaken();
      }
      return { resourceId: "", value: await joinByLink(deps, tx, user, invitationToken) };
    },
    signal,
  );
  if (outcome.repeated) return;
  const { accountId, id } = outcome.value;
  await confirmEnforced(deps, { accountId, principalId: id }, signal);
}

function emailTaken(): DomainError {
  return new DomainError("EMAIL_TAKEN", "You have signed up already. Sign in to accept the invitation.");
}
