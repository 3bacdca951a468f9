import type { Account } from "./account.ts";
import type { AccountDeps } from "./create-account.ts";
import { notSet } from "./enrol-totp.ts";
import { requireEtag } from "./etag.ts";
import { getAccount } from "./get-account.ts";
import { type AccountId, accountNotFound } from "./ids.ts";
import type { Mutation } from "./mutation.ts";
import type { PeopleDeps } from "./people-ports.ts";
import { ownUser, type Self } from "./self.ts";
import { confirmedTotpOf } from "./user.ts";

export interface UpdateAccountCommand {
  readonly mutation: Mutation;
  readonly accountId: AccountId;
  /** Undefined: stays. */
  readonly displayName: string | undefined;
  /** Undefined: stays. */
  readonly mfaRequired: boolean | undefined;
  /** Whose second factor is to be there before others need one; undefined: nobody's. */
  readonly self: Self | undefined;
  /** Undefined: whatever it is. */
  readonly etag: string | undefined;
}

/** Changes settings. ACCOUNT_NOT_FOUND, ETAG_MISMATCH, SECOND_FACTOR_NOT_SET. */
export async function updateAccount(
  deps: AccountDeps & Pick<PeopleDeps, "users" | "members">,
  command: UpdateAccountCommand,
  signal: AbortSignal,
): Promise<Account> {
  const { accountId, self } = command;
  if (command.mfaRequired === true && self !== undefined) {
    if (confirmedTotpOf(await ownUser(deps, self, signal)) === undefined) throw notSet();
  }
  const outcome = await deps.unitOfWork.once(
    command.mutation,
    async (tx) => {
      const before = await tx.lockAccount(accountId);
      if (before === undefined) throw accountNotFound();
      requireEtag(before, command.etag);
      const { displayName = before.displayName, mfaRequired = before.mfaRequired } = command;
      if (before.displayName === displayName && before.mfaRequired === mfaRequired) {
        return { resourceId: accountId, value: before };
      }
      const value = {
        ...before,
        displayName,
        mfaRequired,
        version: before.version + 1,
        updatedAt: deps.clock(),
      };
      await tx.updateAccount(value);
      await tx.audit({
        accountId,
        action: "account.update",
        targetId: accountId,
        detail: { displayName, mfaRequired },
      });
      return { resourceId: accountId, value };
    },
    signal,
  );
  return outcome.repeated ? getAccount(deps, accountId, signal) : outcome.value;
}
