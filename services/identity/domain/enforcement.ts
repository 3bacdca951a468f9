import { DomainError } from "@portcullis/errors";
import { type Applied, type Enforced, type EnforcedRef, enforcedIdOf } from "./enforced.ts";
import type { EnforcementOutbox, Enforcer, PendingEnforcement } from "./ports.ts";

export interface EnforcementDeps {
  readonly outbox: EnforcementOutbox;
  readonly enforcers: readonly Enforcer[];
}

/**
 * Resolves when every enforcer has confirmed what was committed before the call, of the account, or of the principal
 * and its account. Rejects with ENFORCEMENT_PENDING if one has not; then the relay goes on. (design.md §2.2)
 */
export async function confirmEnforced(
  deps: EnforcementDeps,
  ref: EnforcedRef,
  signal: AbortSignal,
): Promise<void> {
  const pending = await deps.outbox.pendingOf(ref, signal);
  const results = await Promise.allSettled(pending.map((debt) => deliver(deps, debt, signal)));
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw enforcementPending(failed.reason);
}

function enforcementPending(cause: unknown): DomainError {
  return new DomainError(
    "ENFORCEMENT_PENDING",
    "The change is saved, but not yet confirmed to be in force everywhere. It goes on being delivered; repeat the call to learn when it is.",
    { cause },
  );
}

/**
 * Tells one enforcer the present state, which is at least as new as the debt, and takes the debt off; what a new
 * member is to be given is part of the debt of who gives it. Harmless when done twice or by two at once: enforcers
 * ignore versions that are not above theirs, and give nothing twice.
 */
export async function deliver(
  deps: EnforcementDeps,
  debt: PendingEnforcement,
  signal: AbortSignal,
): Promise<void> {
  const enforcer = deps.enforcers.find(({ name }) => name === debt.enforcer);
  if (enforcer === undefined) throw new Error(`there is no enforcer ${debt.enforcer}`);
  const enforced = await agree(deps, enforcer, debt.of, signal);
  if (enforcer.grant !== undefined && enforced.kind !== "account" && enforced.state !== "deleted") {
    const grants = await deps.outbox.grantsOwed(enforced, signal);
    if (grants.length > 0) {
      await enforcer.grant(enforced, grants, signal);
      await deps.outbox.granted(enforced, grants, signal);
    }
  }
  await deps.outbox.confirm(debt, enforced.version, signal);
}

/**
 * Tells the enforcer until it goes by the very state that identity has committed, and returns that. A newer change
 * may have overtaken this one; then it is told again, of the newer. Any other answer means that the enforcer goes
 * by something else than identity says, in version or in state, e.g. since identity's database was restored to an
 * earlier time: that is no confirmation (docs/operations.md, Restoring).
 */
async function agree(
  deps: EnforcementDeps,
  enforcer: Enforcer,
  ref: EnforcedRef,
  signal: AbortSignal,
): Promise<Enforced> {
  for (let told: Enforced | undefined; ; ) {
    const present = await deps.outbox.read(ref, signal);
    if (present === undefined) throw new Error(`there is a debt for what is unknown: ${enforcedIdOf(ref)}`);
    if (present.version === told?.version) {
      throw new Error(
        `${enforcer.name} holds another version or state of ${enforcedIdOf(ref)} than ${told.version}, ${told.state}: see docs/operations.md, Restoring`,
      );
    }
    told = present;
    if (isOf(await enforcer.apply(told, signal), told)) return told;
  }
}

function isOf(applied: Applied, enforced: Enforced): boolean {
  if (applied.version !== enforced.version || applied.state !== enforced.state) return false;
  if (applied.superAdmin === undefined || enforced.kind === "account") return true;
  return applied.superAdmin === enforced.superAdmin;
}
