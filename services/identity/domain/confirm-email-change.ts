import { auditUser, saveUser } from "./change-user.ts";
import { isOpenChange, parseChange } from "./email-change.ts";
import { linkInvalid } from "./link-invalid.ts";
import type { Mutation } from "./mutation.ts";
import type { PeopleDeps } from "./people-ports.ts";
import { digestOf } from "./user.ts";

/**
 * Takes the link of a mail as proof of the new address, which is the person's from then on. Sessions go on: the
 * person and the password are the same. LINK_INVALID, EMAIL_TAKEN.
 */
export async function confirmEmailChange(
  deps: PeopleDeps,
  command: { readonly mutation: Mutation; readonly token: string },
  signal: AbortSignal,
): Promise<void> {
  await deps.unitOfWork.once(
    command.mutation,
    async (tx) => {
      const subject = await tx.takeLink("change_email", digestOf(command.token));
      if (subject === undefined) throw linkInvalid();
      const change = parseChange(subject);
      const user = await tx.lockUser(change.userId);
      if (user === undefined || !isOpenChange(change, user)) throw linkInvalid();
      const now = deps.clock();
      await saveUser(tx, user, { email: change.to, emailVerifiedAt: now }, now);
      // They were mailed to the address that is no more.
      await tx.deleteLinksOf(user.id, "reset_password");
      await tx.deleteLinksOf(user.id, "verify_email");
      await tx.queueMail("email_changed", change.from, user.id);
      await auditUser(tx, user.id, "user.change_email", { email: change.to, emailBefore: change.from });
      return { resourceId: user.id, value: undefined };
    },
    signal,
  );
}
