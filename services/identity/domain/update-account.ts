import type { Account } from "./account.ts";
import type { AccountDeps } from "./create-account.ts";
import { notSet } from "./enrol-totp.ts";
import { requireEtag } from "./etag.ts";
import { getAccount } from "./get-account.ts";
import { type AccountId, accountNotFound, type UserId, userNotFound } from "./ids.ts";
import type { Mutation } from "./mutation.ts";
import type { PeopleDeps } from "./people-ports.ts";
import type { Tx } from "./ports.ts";
import type { Revoked } from "./revocation.ts";
import { ownUser, type Self } from "./self.ts";
import { confirmAccountSessionsEnded, type SessionEndDeps } from "./session-ends.ts";
import { confirmedTotpOf } from "./user.ts";

const operation = "account.update";

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

/**
 * Changes settings. When it has returned with `mfaRequired`, no member without a second factor has a session in
 * the account. ACCOUNT_NOT_FOUND, ETAG_MISMATCH, SECOND_FACTOR_NOT_SET, ENFORCEMENT_PENDING.
 */
export async function updateAccount(
  deps: AccountDeps & Pick<PeopleDeps, "users" | "members"> & SessionEndDeps,
  command: UpdateAccountCommand,
  signal: AbortSignal,
): Promise<Revoked<Account>> {
  const { accountId, self } = command;
  const needsMfa = command.mfaRequired === true;
  const userId = needsMfa && self !== undefined ? (await ownUser(deps, self, signal)).id : undefined;
  const outcome = await deps.unitOfWork.once(
    command.mutation,
    async (tx) => {
      // The person before the account, as everybody does who locks both.
      if (userId !== undefined) await requireOwnTotp(tx, userId);
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
      if (mfaRequired && !before.mfaRequired) await tx.requireSessionsEndWithoutMfa(value);
      await tx.audit({
        accountId,
        action: operation,
        targetId: accountId,
        detail: { displayName, mfaRequired },
      });
      return { resourceId: accountId, value };
    },
    signal,
  );
  const enforcements = needsMfa ? await confirmAccountSessionsEnded(deps, accountId, signal) : [];
  const value = outcome.repeated ? await getAccount(deps, accountId, signal) : outcome.value;
  return { value, revocation: { accountId, operation, targetId: accountId, enforcements } };
}

async function requireOwnTotp(tx: Tx, userId: UserId): Promise<void> {
  const user = await tx.lockUser(userId);
  if (user === undefined) throw userNotFound();
  if (confirmedTotpOf(user) === undefined) throw notSet();
}
