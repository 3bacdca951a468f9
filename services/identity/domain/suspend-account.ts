import type { Account } from "./account.ts";
import {
  type AccountStateCommand,
  type AccountStateDeps,
  actions,
  commitState,
  presentOf,
  setState,
} from "./change-account-state.ts";
import { confirmRevoked } from "./enforcement.ts";
import { preview } from "./preview.ts";
import type { Dependents } from "./principal.ts";
import type { Revoked } from "./revocation.ts";

/** As commitState; when it has returned, nothing of the account works. ENFORCEMENT_PENDING. */
export async function suspendAccount(
  deps: AccountStateDeps,
  command: AccountStateCommand,
  signal: AbortSignal,
): Promise<Revoked<Account>> {
  const { accountId } = command;
  const outcome = await commitState(deps, command, "suspended", signal);
  const enforcements = await confirmRevoked(deps, { accountId }, signal);
  const value = await presentOf(deps, accountId, outcome, signal);
  const operation = actions.suspended;
  return { value, revocation: { accountId, operation, targetId: accountId, enforcements } };
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
