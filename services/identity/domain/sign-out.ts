import { auditUser } from "./change-user.ts";
import type { Mutation } from "./mutation.ts";
import type { PeopleDeps } from "./people-ports.ts";
import { requireSession, type Self } from "./self.ts";

/** Ends the caller's sign-in in all accounts, from the moment this has returned. SESSION_REQUIRED. */
export async function signOut(
  deps: PeopleDeps,
  command: { readonly mutation: Mutation; readonly self: Self },
  signal: AbortSignal,
): Promise<void> {
  const { groupId, userId } = requireSession(command.self);
  await deps.unitOfWork.once(
    command.mutation,
    async (tx) => {
      await auditUser(tx, userId, "user.sign_out", { groupId });
      return { resourceId: "", value: undefined };
    },
    signal,
  );
  await deps.sessions.endGroup(groupId, signal);
}
