import { auditUser, saveUser } from "./change-user.ts";
import { confirmEnforced, type EnforcementDeps } from "./enforcement.ts";
import { parseUserId, type UserId } from "./ids.ts";
import { linkInvalid } from "./link-invalid.ts";
import type { Mutation } from "./mutation.ts";
import type { PeopleDeps } from "./people-ports.ts";
import { digestOf } from "./user.ts";

/** Takes the link of a mail as proof of the address; when it has returned, the person can sign in. LINK_INVALID. */
export async function verifyEmail(
  deps: PeopleDeps & EnforcementDeps,
  command: { readonly mutation: Mutation; readonly token: string },
  signal: AbortSignal,
): Promise<void> {
  const outcome = await deps.unitOfWork.once(
    command.mutation,
    async (tx) => {
      const subjectId = await tx.takeLink("verify_email", digestOf(command.token));
      const user = subjectId === undefined ? undefined : await tx.lockUser(parseUserId(subjectId));
      if (user === undefined) throw linkInvalid();
      const now = deps.clock();
      if (user.emailVerifiedAt === undefined) await saveUser(tx, user, { emailVerifiedAt: now }, now);
      await auditUser(tx, user.id, "user.verify_email");
      return { resourceId: user.id, value: user.id };
    },
    signal,
  );
  const userId = outcome.repeated ? parseUserId(outcome.resourceId) : outcome.value;
  await confirmAllEnforced(deps, userId, signal);
}

/** As confirmEnforced, for all memberships of a person. */
async function confirmAllEnforced(
  deps: PeopleDeps & EnforcementDeps,
  userId: UserId,
  signal: AbortSignal,
): Promise<void> {
  const members = await deps.members.listOfUser(userId, signal);
  await Promise.all(
    members.map(({ accountId, id }) => confirmEnforced(deps, { accountId, principalId: id }, signal)),
  );
}
