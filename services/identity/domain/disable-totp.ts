import { countGuess } from "./attempts.ts";
import { auditUser, lockUnchangedUser, saveUser } from "./change-user.ts";
import { notSet } from "./enrol-totp.ts";
import type { Mutation } from "./mutation.ts";
import { enrolmentRequired } from "./open-session.ts";
import type { PeopleDeps } from "./people-ports.ts";
import { codeInvalid, proofFailure, takeCode } from "./prove-user.ts";
import type { Revocation } from "./revocation.ts";
import { ownUser, type Self } from "./self.ts";
import { confirmSessionsEnded } from "./session-ends.ts";
import { confirmedTotpOf } from "./user.ts";

const operation = "user.disable_totp";

export interface DisableTotpCommand {
  readonly mutation: Mutation;
  readonly self: Self;
  readonly password: string;
  readonly code: string;
}

/** Ends the use of the caller's second factor. PASSWORD_WRONG, SECOND_FACTOR_NOT_SET, SECOND_FACTOR_INVALID. */
export async function disableTotp(
  deps: PeopleDeps,
  command: DisableTotpCommand,
  signal: AbortSignal,
): Promise<Revocation> {
  const { self } = command;
  const user = await ownUser(deps, self, signal);
  const failure = await proofFailure(deps, user, command.password, self, signal);
  if (failure === undefined && confirmedTotpOf(user) !== undefined) await countGuess(deps, user, signal);
  await deps.unitOfWork.once(
    command.mutation,
    async (tx) => {
      if (failure !== undefined) throw failure;
      const before = await lockUnchangedUser(tx, user);
      if (confirmedTotpOf(before) === undefined) throw notSet();
      // Held: an account that comes to require one waits, and then ends this person's sessions.
      if ((await tx.holdAccountsRequiringMfa(user.id)).length > 0) throw enrolmentRequired();
      const now = deps.clock();
      if ((await takeCode(deps, tx, before, command.code, now)) === undefined) {
        deps.signInAttempts.failed(self.credentialId, user.id);
        throw codeInvalid();
      }
      const secretsVersion = before.secretsVersion + 1;
      await saveUser(tx, before, { totp: undefined, secretsVersion }, now);
      await tx.replaceRecoveryCodes(user.id, []);
      await tx.requireSessionsEnd({
        userId: user.id,
        belowSecretsVersion: secretsVersion,
        exceptGroupId: self.session?.groupId ?? "",
      });
      await tx.queueMail("second_factor_disabled", user.email, user.id);
      await auditUser(tx, user.id, operation);
      return { resourceId: user.id, value: undefined };
    },
    signal,
  );
  const enforcements = await confirmSessionsEnded(deps, user.id, signal);
  return { accountId: "", operation, targetId: user.id, enforcements };
}
