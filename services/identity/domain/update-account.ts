import type { Account } from "./account.ts";
import type { AccountDeps } from "./create-account.ts";
import { requireEtag } from "./etag.ts";
import { getAccount } from "./get-account.ts";
import { type AccountId, accountNotFound } from "./ids.ts";
import type { Mutation } from "./mutation.ts";

export interface UpdateAccountCommand {
  readonly mutation: Mutation;
  readonly accountId: AccountId;
  readonly displayName: string;
  /** Undefined: whatever it is. */
  readonly etag: string | undefined;
}

/** Renames an account. ACCOUNT_NOT_FOUND, ETAG_MISMATCH. */
export async function updateAccount(
  deps: AccountDeps,
  command: UpdateAccountCommand,
  signal: AbortSignal,
): Promise<Account> {
  const { accountId, displayName } = command;
  const outcome = await deps.unitOfWork.once(
    command.mutation,
    async (tx) => {
      const before = await tx.lockAccount(accountId);
      if (before === undefined) throw accountNotFound();
      requireEtag(before, command.etag);
      if (before.displayName === displayName) return { resourceId: accountId, value: before };
      const value = { ...before, displayName, version: before.version + 1, updatedAt: deps.clock() };
      await tx.updateAccount(value);
      await tx.audit({ accountId, action: "account.update", targetId: accountId, detail: { displayName } });
      return { resourceId: accountId, value };
    },
    signal,
  );
  return outcome.repeated ? getAccount(deps, accountId, signal) : outcome.value;
}
