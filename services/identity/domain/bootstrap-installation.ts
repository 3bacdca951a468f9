import { type AccountDeps, newAccount } from "./create-account.ts";
import { confirmEnforced, type EnforcementDeps } from "./enforcement.ts";
import { parseMemberId, parseUserId } from "./ids.ts";
import type { Mutation } from "./mutation.ts";
import type { Installation, NewId } from "./ports.ts";

export interface BootstrapCommand {
  readonly mutation: Mutation;
  readonly accountDisplayName: string;
  readonly email: string;
}

/**
 * The installation's first account and person, created now if they do not exist; when it has returned, every
 * enforcer knows the person. Of two that run at once, one creates. ENFORCEMENT_PENDING.
 */
export async function bootstrapInstallation(
  deps: AccountDeps & EnforcementDeps & { readonly newId: NewId },
  command: BootstrapCommand,
  signal: AbortSignal,
): Promise<Installation & { readonly created: boolean }> {
  const outcome = await deps.unitOfWork.once(
    // It is repeatable by itself, whatever the request id.
    { ...command.mutation, requestId: undefined },
    async (tx) => {
      const existing = await tx.lockInstallation();
      if (existing !== undefined) return { resourceId: "", value: { ...existing, created: false } };
      const account = newAccount(deps, command.accountDisplayName);
      const first: Installation = { accountId: account.id, userId: parseUserId(deps.newId("user")) };
      await tx.insertAccount(account);
      await tx.insertFirstPerson(first, command.email, account.createdAt);
      await tx.requireEnforcement({
        accountId: first.accountId,
        principalId: parseMemberId(first.userId),
        kind: "user",
        state: "active",
        version: 1,
        superAdmin: true,
      });
      await tx.audit({
        accountId: account.id,
        action: "installation.bootstrap",
        targetId: first.userId,
        detail: { email: command.email },
      });
      return { resourceId: "", value: { ...first, created: true } };
    },
    signal,
  );
  if (outcome.repeated) throw new Error("a mutation without a request id can't be a repeat");
  const { accountId, userId } = outcome.value;
  await confirmEnforced(deps, { accountId, principalId: parseMemberId(userId) }, signal);
  return outcome.value;
}
