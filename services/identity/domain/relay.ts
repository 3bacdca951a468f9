import { deliver, type EnforcementDeps } from "./enforcement.ts";
import type { PendingEnforcement } from "./ports.ts";

const batchSize = 32;

/**
 * Delivers what is due once, all at the same time, and tells how many debts there were. A delivery that fails
 * is reported and due again later.
 */
export async function relayOnce(
  deps: EnforcementDeps,
  onFailure: (debt: PendingEnforcement, error: unknown) => void,
  signal: AbortSignal,
): Promise<number> {
  const due = await deps.outbox.takeDue(batchSize, signal);
  await Promise.all(
    due.map((debt) => deliver(deps, debt, signal).catch((error: unknown) => onFailure(debt, error))),
  );
  return due.length;
}
