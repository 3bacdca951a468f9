import { auditUser } from "./change-user.ts";
import type { EnforcementDeps } from "./enforcement.ts";
import type { Mutation } from "./mutation.ts";
import { chooseMember, type Origin, openSession, type SignedIn } from "./open-session.ts";
import type { PeopleDeps } from "./people-ports.ts";
import { ownUser, requireSession, type Self } from "./self.ts";

export interface SwitchAccountCommand {
  readonly mutation: Mutation;
  readonly self: Self;
  readonly origin: Origin;
  readonly account: string;
}

/** A session in another account, as part of the caller's sign-in. SESSION_REQUIRED, NO_ACTIVE_MEMBERSHIP. */
export async function switchAccount(
  deps: PeopleDeps & EnforcementDeps,
  command: SwitchAccountCommand,
  signal: AbortSignal,
): Promise<SignedIn> {
  const { groupId } = requireSession(command.self);
  const user = await ownUser(deps, command.self, signal);
  const member = await chooseMember(deps, user, command.account, signal);
  await deps.unitOfWork.once(
    command.mutation,
    async (tx) => {
      await auditUser(tx, user.id, "user.switch_account", { accountId: member.accountId });
      return { resourceId: "", value: undefined };
    },
    signal,
  );
  return openSession(deps, { user, member, groupId }, command.origin, signal);
}
