import { type Account, standingOf } from "./account.ts";
import type { AccountDeps } from "./create-account.ts";
import { confirmEnforced, type EnforcementDeps } from "./enforcement.ts";
import { requireEtag } from "./etag.ts";
import { requireNotFirst } from "./first-account.ts";
import { getAccount } from "./get-account.ts";
import { type AccountId, accountNotFound } from "./ids.ts";
import type { Mutation } from "./mutation.ts";
import type { Tx } from "./ports.ts";
import { requireSuperAdminsStay } from "./super-admin.ts";

export interface AccountStateDeps extends AccountDeps, EnforcementDeps {}

/** Which account to suspend or restore, on whose behalf. */
export interface AccountStateCommand {
  readonly mutation: Mutation;
  readonly accountId: AccountId;
  /** Undefined: whatever it is. */
  readonly etag: string | undefined;
}

const actions = { active: "account.restore", suspended: "account.suspend" } as const;

/**
 * Commits an account's state, with its audit event and the debt of every enforcer; returns once all debts for the
 * account are paid, those of earlier calls included. To make it what it is already changes nothing and still waits
 * for what is owed. ACCOUNT_NOT_FOUND, FIRST_ACCOUNT, LAST_SUPER_ADMIN, ETAG_MISMATCH, ENFORCEMENT_PENDING.
 */
export async function changeAccountState(
  deps: AccountStateDeps,
  command: AccountStateCommand,
  state: Account["state"],
  signal: AbortSignal,
): Promise<Account> {
  const { accountId } = command;
  const outcome = await deps.unitOfWork.once(
    command.mutation,
    async (tx) => ({ resourceId: accountId, value: await setState(tx, command, state, deps.clock()) }),
    signal,
  );
  await confirmEnforced(deps, { accountId }, signal);
  return outcome.repeated ? getAccount(deps, accountId, signal) : outcome.value;
}

/** Within a transaction; refused as the verb is. */
export function setState(
  tx: Tx,
  { accountId, etag }: AccountStateCommand,
  state: Account["state"],
  now: Date,
): Promise<Account> {
  return requireSuperAdminsStay(tx, async () => {
    const before = await tx.lockAccount(accountId);
    if (before === undefined) throw accountNotFound();
    requireEtag(before, etag);
    if (before.state === state) return before;
    if (state === "suspended") await requireNotFirst(tx, accountId);
    const after = { ...before, state, version: before.version + 1, updatedAt: now };
    await tx.updateAccount(after);
    await tx.requireEnforcement(standingOf(after));
    const { displayName, version } = after;
    await tx.audit({
      accountId,
      action: actions[state],
      targetId: accountId,
      detail: { displayName, state, version },
    });
    return after;
  });
}
