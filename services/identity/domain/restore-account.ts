import type { Account } from "./account.ts";
import {
  type AccountStateCommand,
  type AccountStateDeps,
  changeAccountState,
} from "./change-account-state.ts";

/** As changeAccountState; when it has returned, everything of the account works as it did. */
export function restoreAccount(
  deps: AccountStateDeps,
  command: AccountStateCommand,
  signal: AbortSignal,
): Promise<Account> {
  return changeAccountState(deps, command, "active", signal);
}
