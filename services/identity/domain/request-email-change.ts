import { countRequest } from "./attempts.ts";
import { auditUser, lockUnchangedUser } from "./change-user.ts";
import { subjectOfChange } from "./email-change.ts";
import type { Mutation } from "./mutation.ts";
import type { PeopleDeps } from "./people-ports.ts";
import { proofFailure } from "./prove-user.ts";
import { ownUser, type Self } from "./self.ts";

export interface RequestEmailChangeCommand {
  readonly mutation: Mutation;
  readonly self: Self;
  readonly password: string;
  readonly newEmail: string;
}

/**
 * Has a mail sent to the new address, and a note to the present one: whether the new one has a user is looked up
 * when the mail is sent. PASSWORD_WRONG.
 */
export async function requestEmailChange(
  deps: PeopleDeps,
  command: RequestEmailChangeCommand,
  signal: AbortSignal,
): Promise<void> {
  const { self, newEmail } = command;
  const user = await ownUser(deps, self, signal);
  countRequest(deps.signInAttempts, self.credentialId, user.id);
  const failure = await proofFailure(deps, user, command.password, self, signal);
  await deps.unitOfWork.once(
    command.mutation,
    async (tx) => {
      if (failure !== undefined) throw failure;
      const { id, secretsVersion, email } = await lockUnchangedUser(tx, user);
      const change = { userId: id, secretsVersion, from: email, to: newEmail };
      await tx.queueMail("change_email", newEmail, subjectOfChange(change));
      await tx.queueMail("email_change_requested", email, id);
      await auditUser(tx, id, "user.request_email_change");
      return { resourceId: id, value: undefined };
    },
    signal,
  );
}
