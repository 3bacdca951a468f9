import type { Account } from "./account.ts";
import {
  type AccountStateCommand,
  type AccountStateDeps,
  commitState,
  presentOf,
} from "./change-account-state.ts";
import { confirmEnforced } from "./enforcement.ts";

/**
 * As commitState; returns once all debts for the account are paid, those of earlier calls included: then everything
 * of it works as it did. ENFORCEMENT_PENDING.
 */
export async function restoreAccount(
  deps: AccountStateDeps,
  command: AccountStateCommand,
  signal: AbortSignal,
): Promise<Account> {
  const { accountId } = command;
  const outcome = await commitState(deps, command, "active", signal);
  await confirmEnforced(deps, { accountId }, signal);
  return presentOf(deps, accountId, outcome, signal);
}
