import { DomainError } from "@portcullis/errors";
import type { AccountContents } from "./account-end-ports.ts";
import { confirmAccountEnforced, type EnforcementDeps } from "./enforcement.ts";
import { requireEtag } from "./etag.ts";
import { type AccountId, accountNotFound } from "./ids.ts";
import type { Mutation } from "./mutation.ts";
import type { Clock, Tx, UnitOfWork } from "./ports.ts";
import { lastSuperAdmin } from "./super-admin.ts";

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
 * Deletes an account with all principals in it; when it has returned, none of their credentials works.
 * ACCOUNT_NOT_FOUND, FIRST_ACCOUNT, LAST_SUPER_ADMIN, ETAG_MISMATCH, ENFORCEMENT_PENDING.
 */
export async function deleteAccount(
  deps: DeleteAccountDeps,
  command: DeleteAccountCommand,
  signal: AbortSignal,
): Promise<void> {
  const { accountId } = command;
  await deps.unitOfWork.once(
    command.mutation,
    async (tx) => {
      await end(tx, command, deps.clock());
      return { resourceId: accountId, value: undefined };
    },
    signal,
  );
  await confirmAccountEnforced(deps, accountId, signal);
}

/** What would be gone; refused as the deletion would be. Changes nothing. */
export async function previewAccountDeletion(
  deps: DeleteAccountDeps,
  command: DeleteAccountCommand,
  signal: AbortSignal,
): Promise<AccountContents> {
  const preview = new Preview();
  try {
    await deps.unitOfWork.once(
      { ...command.mutation, requestId: undefined },
      async (tx) => {
        preview.contents = await end(tx, command, deps.clock());
        throw preview;
      },
      signal,
    );
  } catch (error) {
    if (error !== preview) throw error;
  }
  if (preview.contents === undefined) throw new Error("a preview has looked at nothing");
  return preview.contents;
}

/** Takes everything back. */
class Preview extends Error {
  contents: AccountContents | undefined;
}

async function end(tx: Tx, { accountId, etag }: DeleteAccountCommand, now: Date): Promise<AccountContents> {
  // Before the account, as everybody does who needs both.
  const superAdmins = await tx.countSuperAdmins();
  const account = await tx.lockWholeAccount(accountId);
  if (account === undefined) throw accountNotFound();
  requireEtag(account, etag);
  if ((await tx.lockInstallation())?.accountId === accountId) throw firstAccount();
  const contents = await tx.countContents(accountId, now);
  await tx.endAccount(accountId, now);
  if (superAdmins > 0 && (await tx.countSuperAdmins()) === 0) throw lastSuperAdmin();
  const { displayName } = account;
  await tx.audit({
    accountId,
    action: "account.delete",
    targetId: accountId,
    detail: { displayName, ...contents },
  });
  return contents;
}

function firstAccount(): DomainError {
  return new DomainError(
    "FIRST_ACCOUNT",
    "The installation's first account can't be deleted: it is where its operators are.",
  );
}
