import { auditUser, saveUser } from "./change-user.ts";
import { parseUserId } from "./ids.ts";
import { linkInvalid } from "./link-invalid.ts";
import type { Mutation } from "./mutation.ts";
import { requireStrongPassword } from "./password-policy.ts";
import type { PeopleDeps } from "./people-ports.ts";
import type { Revocation } from "./revocation.ts";
import { confirmSessionsEnded } from "./session-ends.ts";
import { digestOf, type User } from "./user.ts";

const operation = "user.reset_password";

export interface ResetPasswordCommand {
  readonly mutation: Mutation;
  readonly token: string;
  readonly newPassword: string;
}

/**
 * Sets a new password by the link of a mail, which is good once; when it has returned, no earlier session works.
 * The mail proves the address too. LINK_INVALID, PASSWORD_WEAK, ENFORCEMENT_PENDING.
 */
export async function resetPassword(
  deps: PeopleDeps,
  command: ResetPasswordCommand,
  signal: AbortSignal,
): Promise<Revocation> {
  const tokenHash = digestOf(command.token);
  const user = await userOfLink(deps, tokenHash, signal);
  const passwordHash =
    user && (await deps.passwords.hash(requireStrongPassword(command.newPassword, user.email), signal));
  const outcome = await deps.unitOfWork.once(
    command.mutation,
    async (tx) => {
      const subjectId = await tx.takeLink("reset_password", tokenHash);
      // Of two with the same link the second finds it gone.
      const before = subjectId === undefined ? undefined : await tx.lockUser(parseUserId(subjectId));
      if (before === undefined || passwordHash === undefined) throw linkInvalid();
      const now = deps.clock();
      const secretsVersion = before.secretsVersion + 1;
      const emailVerifiedAt = before.emailVerifiedAt ?? now;
      await saveUser(tx, before, { passwordHash, secretsVersion, emailVerifiedAt }, now);
      await tx.requireSessionsEnd({
        userId: before.id,
        belowSecretsVersion: secretsVersion,
        exceptGroupId: "",
      });
      await tx.deleteLinksOf(before.id, "reset_password");
      // Who guessed with the old password has lost it.
      await tx.forgetGuesses(before.id);
      await tx.queueMail("password_changed", before.email, before.id);
      await auditUser(tx, before.id, operation);
      return { resourceId: before.id, value: before.id };
    },
    signal,
  );
  const userId = outcome.repeated ? parseUserId(outcome.resourceId) : outcome.value;
  const enforcements = await confirmSessionsEnded(deps, userId, signal);
  return { accountId: "", operation, targetId: userId, enforcements };
}

/** Looked at before the hashing, which is slow: a link that is none must not cost that. */
async function userOfLink(
  deps: PeopleDeps,
  tokenHash: Uint8Array,
  signal: AbortSignal,
): Promise<User | undefined> {
  const subjectId = await deps.mails.findLink("reset_password", tokenHash, signal);
  return subjectId === undefined ? undefined : deps.users.findEvenDeleted(parseUserId(subjectId), signal);
}
