import { type Account, standingOf } from "./account.ts";
import type { AccountDeps } from "./create-account.ts";
import type { EnforcementDeps } from "./enforcement.ts";
import { requireEtag } from "./etag.ts";
import { requireNotFirst } from "./first-account.ts";
import { getAccount } from "./get-account.ts";
import { type AccountId, accountNotFound } from "./ids.ts";
import type { Mutation, Outcome } from "./mutation.ts";
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

/** By the state that they lead to. */
export const actions = { active: "account.restore", suspended: "account.suspend" } as const;

/**
 * Commits an account's state, with its audit event and the debt of every enforcer. To make it what it is already
 * changes nothing. ACCOUNT_NOT_FOUND, FIRST_ACCOUNT, LAST_SUPER_ADMIN, ETAG_MISMATCH.
 */
export function commitState(
  deps: AccountStateDeps,
  command: AccountStateCommand,
  state: Account["state"],
  signal: AbortSignal,
): Promise<Outcome<Account>> {
  const { mutation, accountId } = command;
  return deps.unitOfWork.once(
    mutation,
    async (tx) => ({ resourceId: accountId, value: await setState(tx, command, state, deps.clock()) }),
    signal,
  );
}

/** The account as committed; as it is now, if that was by an earlier request. */
export async function presentOf(
  deps: AccountStateDeps,
  accountId: AccountId,
  outcome: Outcome<Account>,
  signal: AbortSignal,
): Promise<Account> {
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
