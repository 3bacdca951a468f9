import type { Account } from "./account.ts";
import {
  type AccountStateCommand,
  type AccountStateDeps,
  changeAccountState,
  setState,
} from "./change-account-state.ts";
import { preview } from "./preview.ts";
import type { Dependents } from "./principal.ts";

/** As changeAccountState; when it has returned, nothing of the account works. */
export function suspendAccount(
  deps: AccountStateDeps,
  command: AccountStateCommand,
  signal: AbortSignal,
): Promise<Account> {
  return changeAccountState(deps, command, "suspended", signal);
}

/**
 * What the account would be, and what works now and would not; refused as the suspension would be. Changes nothing.
 * DEPENDENCY_UNAVAILABLE.
 */
export async function previewSuspension(
  deps: AccountStateDeps,
  command: AccountStateCommand,
  signal: AbortSignal,
): Promise<{ readonly account: Account; readonly dependents: readonly Dependents[] }> {
  const { accountId } = command;
  const { account, active } = await preview(
    deps.unitOfWork,
    command.mutation,
    async (tx) => ({
      active: await tx.countActive(accountId),
      account: await setState(tx, command, "suspended", deps.clock()),
    }),
    signal,
  );
  const enforced = await Promise.all(
    deps.enforcers.map((enforcer) => enforcer.preview({ accountId }, signal)),
  );
  const own = [
    { kind: "service_users", count: active.serviceUsers },
    { kind: "members", count: active.members },
  ];
  return { account, dependents: [...own.filter(({ count }) => count > 0), ...enforced.flat()] };
}
