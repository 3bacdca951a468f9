import { DomainError } from "@portcullis/errors";
import type { AccountId } from "./ids.ts";
import type { EnforcementOutbox, Enforcer, PendingEnforcement } from "./ports.ts";
import type { PrincipalRef } from "./principal.ts";

export interface EnforcementDeps {
  readonly outbox: EnforcementOutbox;
  readonly enforcers: readonly Enforcer[];
}

const batchSize = 32;
/** A call about very many principals leaves the rest to the relay. */
const patienceMs = 20_000;

/**
 * Resolves when every enforcer has confirmed what was committed of the principal before the call. Rejects with
 * ENFORCEMENT_PENDING if one has not; then the relay goes on. (design.md §2.2)
 */
export async function confirmEnforced(
  deps: EnforcementDeps,
  ref: PrincipalRef,
  signal: AbortSignal,
): Promise<void> {
  const pending = await deps.outbox.pendingOf(ref, signal);
  const results = await Promise.allSettled(pending.map((debt) => deliver(deps, debt, signal)));
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw enforcementPending(failed.reason);
}

/** As confirmEnforced, for every principal of an account, a few at a time. */
export async function confirmAccountEnforced(
  deps: EnforcementDeps,
  accountId: AccountId,
  signal: AbortSignal,
): Promise<void> {
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
  try {
    for (;;) {
      const pending = await deps.outbox.pendingOfAccount(accountId, batchSize, inTime);
      if (pending.length === 0) return;
      const results = await Promise.allSettled(pending.map((debt) => deliver(deps, debt, inTime)));
      const failed = results.find((result) => result.status === "rejected");
      if (failed !== undefined) throw failed.reason;
    }
  } catch (error) {
    throw enforcementPending(error);
  }
}

function enforcementPending(cause: unknown): DomainError {
  return new DomainError(
    "ENFORCEMENT_PENDING",
    "The change is saved, but not yet confirmed to be in force everywhere. It goes on being delivered; repeat the call to learn when it is.",
    { cause },
  );
}

/**
 * Tells one enforcer the principal's present state, which is at least as new as the debt, and takes the debt
 * off; what a new member is to be given is part of the debt of who gives it. Harmless when done twice or by two
 * at once: enforcers ignore versions that are not above theirs, and give nothing twice.
 */
export async function deliver(
  deps: EnforcementDeps,
  debt: PendingEnforcement,
  signal: AbortSignal,
): Promise<void> {
  const enforcer = deps.enforcers.find(({ name }) => name === debt.enforcer);
  if (enforcer === undefined) throw new Error(`there is no enforcer ${debt.enforcer}`);
  const principal = await deps.outbox.readPrincipal(debt, signal);
  if (principal === undefined)
    throw new Error(`there is a debt for an unknown principal ${debt.principalId}`);
  const applied = await enforcer.apply(principal, signal);
  await requireAgreement(deps, debt, principal.version, applied, signal);
  if (enforcer.grant !== undefined && principal.state !== "deleted") {
    const grants = await deps.outbox.grantsOwed(debt, signal);
    if (grants.length > 0) {
      await enforcer.grant(debt, grants, signal);
      await deps.outbox.granted(debt, grants, signal);
    }
  }
  await deps.outbox.confirm(debt, applied, signal);
}

/**
 * An enforcer may answer with a higher version than it was told, if a newer change overtook this one; then
 * identity has committed it. Any other answer means that the enforcer goes by something else than identity
 * says, e.g. since identity's database was restored to an earlier time: that is no confirmation. An equal version
 * with another state, which only such a restore can bring about, is not seen: docs/operations.md, Restoring.
 */
async function requireAgreement(
  deps: EnforcementDeps,
  debt: PendingEnforcement,
  told: number,
  applied: number,
  signal: AbortSignal,
): Promise<void> {
  if (applied === told) return;
  const present = applied > told ? await deps.outbox.readPrincipal(debt, signal) : undefined;
  if (present !== undefined && present.version >= applied) return;
  throw new Error(
    `${debt.enforcer} holds version ${applied} of ${debt.principalId}, and was told ${told}: see docs/operations.md, Restoring`,
  );
}
