import type { AccountContents } from "./account-end-ports.ts";
import { confirmRevoked, type EnforcementDeps } from "./enforcement.ts";
import { requireEtag } from "./etag.ts";
import { requireNotFirst } from "./first-account.ts";
import { type AccountId, accountNotFound } from "./ids.ts";
import type { Mutation } from "./mutation.ts";
import type { Clock, Tx, UnitOfWork } from "./ports.ts";
import { preview } from "./preview.ts";
import type { Revocation } from "./revocation.ts";
import { requireSuperAdminsStay } from "./super-admin.ts";

const operation = "account.delete";

export interface DeleteAccountCommand {
  readonly mutation: Mutation;
  readonly accountId: AccountId;
  /** Undefined: whatever it is. */
  readonly etag: string | undefined;
}

export interface DeleteAccountDeps extends EnforcementDeps {
  readonly unitOfWork: UnitOfWork;
  readonly clock: Clock;
}

/**
 * Deletes an account with everything in it; when it has returned, nothing of it works. Enforcers are told of the
 * account alone, however many principals it has (docs/adr/0007).
 * ACCOUNT_NOT_FOUND, FIRST_ACCOUNT, LAST_SUPER_ADMIN, ETAG_MISMATCH, ENFORCEMENT_PENDING.
 */
export async function deleteAccount(
  deps: DeleteAccountDeps,
  command: DeleteAccountCommand,
  signal: AbortSignal,
): Promise<Revocation> {
  const { accountId } = command;
  await deps.unitOfWork.once(
    command.mutation,
    async (tx) => {
      await end(tx, command, deps.clock());
      return { resourceId: accountId, value: undefined };
    },
    signal,
  );
  const enforcements = await confirmRevoked(deps, { accountId }, signal);
  return { accountId, operation, targetId: accountId, enforcements };
}

/** What would be gone; refused as the deletion would be. Changes nothing. */
export function previewAccountDeletion(
  deps: DeleteAccountDeps,
  command: DeleteAccountCommand,
  signal: AbortSignal,
): Promise<AccountContents> {
  return preview(deps.unitOfWork, command.mutation, (tx) => end(tx, command, deps.clock()), signal);
}

function end(tx: Tx, { accountId, etag }: DeleteAccountCommand, now: Date): Promise<AccountContents> {
  return requireSuperAdminsStay(tx, async () => {
    const account = await tx.lockWholeAccount(accountId);
    if (account === undefined) throw accountNotFound();
    requireEtag(account, etag);
    await requireNotFirst(tx, accountId);
    const contents = await tx.countContents(accountId, now);
    await tx.endAccount(accountId, now);
    const version = account.version + 1;
    await tx.requireEnforcement({ kind: "account", accountId, state: "deleted", version });
    const { displayName } = account;
    await tx.audit({
      accountId,
      action: operation,
      targetId: accountId,
      detail: { displayName, ...contents },
    });
    return contents;
  });
}
