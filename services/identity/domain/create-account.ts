import type { Account } from "./account.ts";
import { getAccount } from "./get-account.ts";
import { parseAccountId } from "./ids.ts";
import type { Mutation } from "./mutation.ts";
import type { AccountStore, Clock, NewId, UnitOfWork } from "./ports.ts";

export interface AccountDeps {
  readonly unitOfWork: UnitOfWork;
  readonly accounts: AccountStore;
  readonly clock: Clock;
}

/** Creates an account, empty. */
export async function createAccount(
  deps: AccountDeps & { readonly newId: NewId },
  command: { readonly mutation: Mutation; readonly displayName: string },
  signal: AbortSignal,
): Promise<Account> {
  const outcome = await deps.unitOfWork.once(
    command.mutation,
    async (tx) => {
      const account = newAccount(deps, command.displayName);
      await tx.insertAccount(account);
      await tx.audit({
        accountId: account.id,
        action: "account.create",
        targetId: account.id,
        detail: { displayName: account.displayName },
      });
      return { resourceId: account.id, value: account };
    },
    signal,
  );
  return outcome.repeated ? getAccount(deps, parseAccountId(outcome.resourceId), signal) : outcome.value;
}

/** Who runs an installation of one's own need not think of plans. */
const firstPlanId = "unlimited";

/** An account as it begins. */
export function newAccount(
  deps: { readonly newId: NewId; readonly clock: Clock },
  displayName: string,
): Account {
  const now = deps.clock();
  return {
    id: parseAccountId(deps.newId("acct")),
    displayName,
    planId: firstPlanId,
    mfaRequired: false,
    state: "active",
    createdAt: now,
    updatedAt: now,
    version: 1,
  };
}
