import { auditUser } from "./change-user.ts";
import type { Mutation } from "./mutation.ts";
import type { PeopleDeps } from "./people-ports.ts";
import type { Revocation } from "./revocation.ts";
import { requireSession, type Self } from "./self.ts";

const operation = "user.sign_out";

/** Ends the caller's sign-in in all accounts, from the moment this has returned. SESSION_REQUIRED. */
export async function signOut(
  deps: PeopleDeps,
  command: { readonly mutation: Mutation; readonly self: Self },
  signal: AbortSignal,
): Promise<Revocation> {
  const { groupId, userId } = requireSession(command.self);
  await deps.unitOfWork.once(
    command.mutation,
    async (tx) => {
      await auditUser(tx, userId, operation, { groupId });
      return { resourceId: "", value: undefined };
    },
    signal,
  );
  const enforcements = [await deps.sessions.endGroup(groupId, signal)];
  return { accountId: "", operation, targetId: userId, enforcements };
}
