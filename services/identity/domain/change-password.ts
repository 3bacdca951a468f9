import { auditUser, lockUnchangedUser, saveUser } from "./change-user.ts";
import type { Mutation } from "./mutation.ts";
import { requireStrongPassword } from "./password-policy.ts";
import type { PeopleDeps } from "./people-ports.ts";
import { proofFailure } from "./prove-user.ts";
import type { Revocation } from "./revocation.ts";
import { ownUser, type Self } from "./self.ts";
import { confirmSessionsEnded } from "./session-ends.ts";

const operation = "user.change_password";

export interface ChangePasswordCommand {
  readonly mutation: Mutation;
  readonly self: Self;
  readonly currentPassword: string;
  readonly newPassword: string;
}

/**
 * Gives the caller a new password; when it has returned, no session works but those of the sign-in that called.
 * PASSWORD_WRONG, PASSWORD_WEAK, ENFORCEMENT_PENDING.
 */
export async function changePassword(
  deps: PeopleDeps,
  command: ChangePasswordCommand,
  signal: AbortSignal,
): Promise<Revocation> {
  const user = await ownUser(deps, command.self, signal);
  const failure = await proofFailure(deps, user, command.currentPassword, command.self, signal);
  const password = requireStrongPassword(command.newPassword, user.email);
  const passwordHash = failure === undefined ? await deps.passwords.hash(password, signal) : undefined;
  await deps.unitOfWork.once(
    command.mutation,
    async (tx) => {
      if (failure !== undefined) throw failure;
      const before = await lockUnchangedUser(tx, user);
      const secretsVersion = before.secretsVersion + 1;
      await saveUser(tx, before, { passwordHash, secretsVersion }, deps.clock());
      await tx.requireSessionsEnd({
        userId: user.id,
        belowSecretsVersion: secretsVersion,
        exceptGroupId: command.self.session?.groupId ?? "",
      });
      await tx.deleteLinksOf(user.id, "reset_password");
      // Who guessed with the old password has lost it.
      await tx.forgetGuesses(user.id);
      await tx.queueMail("password_changed", user.email, user.id);
      await auditUser(tx, user.id, operation);
      return { resourceId: user.id, value: undefined };
    },
    signal,
  );
  const enforcements = await confirmSessionsEnded(deps, user.id, signal);
  return { accountId: "", operation, targetId: user.id, enforcements };
}
